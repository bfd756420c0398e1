#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sdkconfig.h"
#include "simulator/boot/bootloader.hpp"
#include "simulator/chip/power_session.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/net/network.hpp"
#include "simulator/radio/world.hpp"

namespace simulator::chip {

/// One ESP32 board: power it on, let time pass, cut the power. What survives a reboot (flash, radio
/// world, network) belongs to the caller; everything else begins anew at each boot, the firmware's
/// variables included.
class Board {
 public:
  struct Options {
    const boot::ChipModel* model = nullptr;  ///< not null
    bool rollback = true;                    ///< CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
    kernel::MacAddress base_mac = {0x24, 0x0a, 0xc4, 0x00, 0x00, 0x01};
    std::uint64_t seed =
        1;  ///< of all that is random; the boots of a board have seeds of their own
    kernel::Speed speed = kernel::Speed::max;
    std::size_t heap_bytes = kernel::Scheduler::Options{}.heap_bytes;
    /// From each boot on, as if the heap were fragmented (`kernel::Heap::limit_block`).
    std::size_t heap_block_bytes_max = SIZE_MAX;
    /// As the sample application is configured.
    std::int64_t task_watchdog_timeout_us = std::int64_t{CONFIG_ESP_TASK_WDT_TIMEOUT_S} * 1'000'000;
    kernel::Console::LineSink console;  ///< none: the process's standard output
    /// Bootloader and firmware are of this version, as far as their behaviour goes.
    kernel::IdfVersion idf = kernel::IdfVersion::v5_5;
    radio::WifiDriver::Timing wifi_timing;
  };

  /// The firmware: runs in the main task, as ESP-IDF calls app_main().
  using Firmware = std::function<void()>;

  /// Why `run` came back.
  enum class Ending {
    deadline,          ///< the time that the caller gave is over; `run` goes on from there
    idle,              ///< every task waits for ever; nothing will happen by itself
    power_lost,        ///< the power was cut; `run` powers on again
    nothing_bootable,  ///< the bootloader finds nothing to boot: the board is bricked
    requested,         ///< `Scheduler::request_stop`; `run` goes on from there
  };

  /// `flash`, `world` and `network` must outlive the board. Begins without power.
  Board(Options options, Firmware firmware, flash::FlashChip& flash, radio::World& world,
        net::Network& network);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  /// Powers on unless on, and lets up to `duration_us` of virtual time pass. The chip restarts as
  /// often as it restarts itself.
  Ending run(std::int64_t duration_us);

  /// Takes the power away; what was in RAM is gone. Nothing if it is off. Not from a task.
  void power_off();

  /// Called after each boot, before the firmware runs.
  void set_boot_listener(std::function<void(const boot::BootResult&)> listener) {
    boot_listener_ = std::move(listener);
  }

  /// Virtual time with power on, since the board was made.
  [[nodiscard]] std::int64_t now_us() const;
  [[nodiscard]] unsigned boots() const { return boots_; }
  /// The last boot; empty before the first.
  [[nodiscard]] const std::optional<boot::BootResult>& last_boot() const { return last_boot_; }
  /// The session that runs; null while the power is off.
  [[nodiscard]] PowerSession* session() { return session_.get(); }
  /// Why the chip was reset before the last boot.
  [[nodiscard]] esp_reset_reason_t reset_reason() const { return reset_reason_; }

 private:
  /// Empty when the firmware runs.
  std::optional<Ending> boot();
  void end_session(esp_reset_reason_t next_reset_reason);

  Options options_;
  Firmware firmware_;
  flash::FlashChip& flash_;
  radio::World& world_;
  net::Network& network_;
  std::function<void(const boot::BootResult&)> boot_listener_;
  std::optional<boot::BootResult> last_boot_;
  std::unique_ptr<PowerSession> session_;
  esp_reset_reason_t reset_reason_ = ESP_RST_POWERON;
  std::int64_t past_us_ = 0;  ///< time before the session that runs
  unsigned boots_ = 0;
};

}  // namespace simulator::chip
