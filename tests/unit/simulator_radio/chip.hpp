#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "esp_netif.h"
#include "esp_wifi.h"
#include "simulator/kernel/session.hpp"
#include "simulator/radio/netif_stack.hpp"
#include "simulator/radio/wifi_driver.hpp"
#include "simulator/radio/world.hpp"

namespace simulator::radio {

using kernel::IdfVersion;

constexpr std::int64_t kMillisecond = 1'000;
constexpr std::int64_t kSecond = 1'000'000;

/// An event as a handler got it.
struct SeenEvent {
  std::string name;
  std::int64_t at_us = 0;
  int reason = 0;  ///< of STA_DISCONNECTED
  wifi_event_sta_connected_t connected{};
  wifi_event_sta_scan_done_t scan_done{};
  ip_event_got_ip_t got_ip{};
};

inline std::string name_of(esp_event_base_t base, std::int32_t id) {
  if (base == IP_EVENT) return id == IP_EVENT_STA_GOT_IP ? "GOT_IP" : "LOST_IP";
  switch (id) {
    case WIFI_EVENT_SCAN_DONE:
      return "SCAN_DONE";
    case WIFI_EVENT_STA_START:
      return "START";
    case WIFI_EVENT_STA_STOP:
      return "STOP";
    case WIFI_EVENT_STA_CONNECTED:
      return "CONNECTED";
    case WIFI_EVENT_STA_DISCONNECTED:
      return "DISCONNECTED";
    default:
      return "unknown";
  }
}

/// One power-on session with a Wi-Fi driver in it, and a log of the events that it posts.
class Chip {
 public:
  explicit Chip(World& world, WifiDriver::Options options = {}, std::size_t heap_bytes = 300'000)
      : session_(session_options(heap_bytes)), driver_(world, options), netif_(world, driver_) {}

  /// Runs `body` as a task until it returns, for at most `seconds` of virtual time.
  void run(std::function<void()> body, std::int64_t seconds = 1'000'000) {
    bool done = false;
    session_.scheduler().spawn("test", 8192, 1, [&] {
      body();
      done = true;
      session_.scheduler().request_stop();
      session_.scheduler().yield();
    });
    session_.run(session_.scheduler().now_us() + seconds * kSecond);
    if (!done) ADD_FAILURE() << "the task did not come back";
  }

  /// Lets time pass while nobody does anything.
  void pass(std::int64_t duration_us) {
    const std::int64_t end_us = now_us() + duration_us;
    session_.run(end_us);
    session_.scheduler().advance(end_us - now_us());  // it comes back early when nothing is due
  }

  /// Installs everything and starts the station; the events begin to be logged. In a task.
  void start_station() {
    ASSERT_EQ(esp_netif_init(), ESP_OK);
    ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
    esp_netif_create_default_wifi_sta();
    listen();
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    ASSERT_EQ(esp_wifi_set_storage(WIFI_STORAGE_RAM), ESP_OK);
    ASSERT_EQ(esp_wifi_set_mode(WIFI_MODE_STA), ESP_OK);
    ASSERT_EQ(esp_wifi_start(), ESP_OK);
    wait_for("START");
  }

  void listen() {
    esp_event_handler_instance_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, this, nullptr);
    esp_event_handler_instance_register(IP_EVENT, ESP_EVENT_ANY_ID, on_event, this, nullptr);
  }

  /// Blocks the test's task until an event of this name is logged, and forgets all up to it. False
  /// when none comes within `timeout_us`.
  bool wait_for(const std::string& name, std::int64_t timeout_us = 100 * kSecond) {
    const std::int64_t end_us = session_.scheduler().now_us() + timeout_us;
    while (true) {
      while (!events.empty()) {
        last = events.front();
        events.erase(events.begin());
        if (last.name == name) return true;
      }
      if (session_.scheduler().now_us() >= end_us) return false;
      vTaskDelay(1);
    }
  }

  /// The names of what was logged and not yet waited for.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const SeenEvent& event : events) {
      if (event.name != "unknown") all.push_back(event.name);
    }
    return all;
  }

  static void configure(const std::string& ssid, const std::string& password,
                        const std::function<void(wifi_sta_config_t&)>& edit = {}) {
    ASSERT_EQ(try_configure(ssid, password, edit), ESP_OK);
  }

  static esp_err_t try_configure(const std::string& ssid, const std::string& password,
                                 const std::function<void(wifi_sta_config_t&)>& edit = {}) {
    wifi_config_t config{};
    std::memcpy(config.sta.ssid, ssid.data(), ssid.size());
    std::memcpy(config.sta.password, password.data(), password.size());
    if (edit) edit(config.sta);
    return esp_wifi_set_config(WIFI_IF_STA, &config);
  }

  std::int64_t now_us() { return session_.scheduler().now_us(); }
  kernel::Session& session() { return session_; }
  WifiDriver& driver() { return driver_; }
  NetifStack& netif() { return netif_; }

  std::vector<SeenEvent> events;
  SeenEvent last;
  std::vector<std::string> console;

 private:
  kernel::Session::Options session_options(std::size_t heap_bytes) {
    kernel::Session::Options options;
    options.heap_bytes = heap_bytes;
    options.console = [this](std::string_view line) { console.emplace_back(line); };
    return options;
  }

  static void on_event(void* self, esp_event_base_t base, std::int32_t id, void* data) {
    auto& chip = *static_cast<Chip*>(self);
    SeenEvent seen;
    seen.name = name_of(base, id);
    seen.at_us = chip.now_us();
    if (seen.name == "DISCONNECTED") {
      seen.reason = static_cast<wifi_event_sta_disconnected_t*>(data)->reason;
    }
    if (seen.name == "CONNECTED") std::memcpy(&seen.connected, data, sizeof seen.connected);
    if (seen.name == "SCAN_DONE") std::memcpy(&seen.scan_done, data, sizeof seen.scan_done);
    if (seen.name == "GOT_IP") std::memcpy(&seen.got_ip, data, sizeof seen.got_ip);
    chip.events.push_back(seen);
  }

  kernel::Session session_;
  WifiDriver driver_;
  NetifStack netif_;
};

inline AccessPoint access_point(const std::string& ssid = "fuota_ap",
                                const std::string& password = "fuota_password") {
  AccessPoint made;
  made.ssid = ssid;
  made.password = password;
  if (password.empty()) made.authmode = WIFI_AUTH_OPEN;
  return made;
}

}  // namespace simulator::radio
