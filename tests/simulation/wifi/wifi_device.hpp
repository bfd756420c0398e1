#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "conn_wifi_b.h"
#include "conn_wifi_b/connection.hpp"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "simulator/kernel/scheduler.hpp"
#include "tests/support/board/test_board.hpp"

namespace fuota::test {

constexpr char kSsid[] = "fuota_ap";
constexpr char kPassword[] = "fuota_password";
constexpr std::uint32_t kIpTimeoutMs = 10'000;

/// What conn_wifi_b.h promises.
constexpr std::int64_t kConnectBoundUs = 25 * kSecondUs;  ///< on top of the IP timeout
constexpr std::int64_t kDisconnectBoundUs = 25 * kSecondUs;
constexpr std::int64_t kDeinitBoundUs = 50 * kSecondUs;

inline simulator::radio::AccessPoint secured_access_point() {
  simulator::radio::AccessPoint access_point;
  access_point.ssid = kSsid;
  access_point.password = kPassword;
  return access_point;
}

/// What a leak would raise.
struct Holdings {
  std::size_t heap_blocks = 0;  ///< of the firmware's malloc and new
  std::size_t heap_taken = 0;   ///< bytes, kernel objects and drivers included
  std::size_t tasks = 0;
  unsigned netifs = 0;
  unsigned netif_drivers = 0;
  unsigned default_handlers = 0;
  unsigned scan_lists_leaked = 0;
  bool wifi_installed = false;

  friend bool operator==(const Holdings&, const Holdings&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Holdings& holdings) {
  return out << holdings.heap_blocks << " heap blocks, " << holdings.heap_taken << " bytes taken, "
             << holdings.tasks << " tasks, " << holdings.netifs << " netifs, "
             << holdings.netif_drivers << " netif drivers, " << holdings.default_handlers
             << " default handlers, " << holdings.scan_lists_leaked << " scan lists leaked, Wi-Fi "
             << (holdings.wifi_installed ? "installed" : "off");
}

/// A device whose application uses the Wi-Fi components only.
class WifiDevice {
 public:
  explicit WifiDevice(TestBoard::Options options = {}) : board_(std::move(options)) {}

  /// Runs `body` in the main task, after what an application initialises. Fails the test when it
  /// does not return within `duration_us`.
  void run(const std::function<void()>& body, std::int64_t duration_us = 10 * kHourUs) {
    const bool returned = board_.run_to_end(
        [&body] {
          ASSERT_EQ(nvs_flash_init(), ESP_OK);
          ASSERT_EQ(esp_netif_init(), ESP_OK);
          ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
          body();
        },
        duration_us);
    EXPECT_TRUE(returned) << "the application hangs\n" << last_lines();
  }

  /// What the console printed last, to be shown by a failed test.
  [[nodiscard]] std::string last_lines() const {
    constexpr std::size_t kLines = 40;
    const auto& lines = board_.lines();
    std::string text;
    for (std::size_t i = lines.size() - std::min(lines.size(), kLines); i < lines.size(); ++i) {
      text += lines[i] + '\n';
    }
    return text;
  }

  TestBoard& board() { return board_; }
  simulator::radio::World& world() { return board_.world(); }
  simulator::radio::Faults& faults() { return board_.world().faults(); }

  // While the body runs:

  simulator::chip::PowerSession& session() { return *board_.board().session(); }
  const simulator::radio::WifiDriver& wifi() { return session().wifi(); }
  bool has_address() { return session().netif().has_address(); }

  Holdings holdings() {
    // The idle task frees what a deleted task held.
    vTaskDelay(2);
    const auto& heap = session().kernel().scheduler().heap();
    const auto& netif = session().netif().statistics();
    return {session().heap().blocks_alive(),
            heap.total_bytes() - heap.free_bytes(),
            session().kernel().scheduler().task_count(),
            netif.netifs_alive,
            netif.drivers_alive,
            netif.default_handlers_registered,
            wifi().statistics().scan_lists_leaked,
            wifi().installed()};
  }

 private:
  TestBoard board_;
};

/// A call and how long it took.
struct TimedStatus {
  cwb_status_t status;
  std::int64_t duration_us;
};

template <typename Call>
TimedStatus timed(const Call& call) {
  const std::int64_t start_us = esp_timer_get_time();
  const cwb_status_t status = call();
  return {status, esp_timer_get_time() - start_us};
}

inline const std::uint8_t* bytes(const std::string& text) {
  return reinterpret_cast<const std::uint8_t*>(text.c_str());
}

inline cwb_status_t connect(const std::string& ssid = kSsid,
                            const std::string& password = kPassword,
                            std::uint32_t ip_timeout_ms = kIpTimeoutMs) {
  return cwb_connect_b(bytes(ssid), bytes(password), ip_timeout_ms);
}

inline void pass(std::int64_t duration_us) {
  vTaskDelay(static_cast<TickType_t>(duration_us / 10'000));
}

}  // namespace fuota::test
