#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "esp_mac.h"
#include "esp_system.h"
#include "simulator/kernel/random.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

using MacAddress = std::array<std::uint8_t, 6>;

/// What esp_system.h, esp_mac.h and esp_random.h tell and keep.
class System {
 public:
  System(std::uint64_t seed, MacAddress base_mac, esp_reset_reason_t reset_reason);
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  static System& current();

  [[nodiscard]] const MacAddress& base_mac() const { return base_mac_; }
  [[nodiscard]] esp_reset_reason_t reset_reason() const { return reset_reason_; }
  Random& random() { return random_; }

  esp_err_t add_shutdown_handler(shutdown_handler_t handler);
  esp_err_t remove_shutdown_handler(shutdown_handler_t handler);
  void run_shutdown_handlers();

  /// What the next session is told, when this one ended for `reason`.
  [[nodiscard]] esp_reset_reason_t next_reset_reason(StopReason reason) const;
  /// Makes a panic count as something more exact.
  void set_panic_reason(esp_reset_reason_t reason) { panic_reason_ = reason; }

 private:
  static constexpr std::size_t kShutdownHandlersMax = 5;

  const MacAddress base_mac_;
  const esp_reset_reason_t reset_reason_;
  Random random_;
  std::array<shutdown_handler_t, kShutdownHandlersMax> shutdown_handlers_{};
  esp_reset_reason_t panic_reason_ = ESP_RST_PANIC;
};

}  // namespace simulator::kernel
