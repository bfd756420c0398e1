// Scanning (docs/en/api-guides/wifi.rst of ESP-IDF v5.5.5, "Wi-Fi Scan").

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/wait_list.hpp"
#include "simulator/radio/wifi_driver.hpp"

namespace simulator::radio {

using kernel::Scheduler;

namespace {

constexpr std::int64_t kForever = INT64_MAX;
constexpr std::int64_t kUsPerMs = 1000;
constexpr std::uint32_t kActiveScanMs = 120;
constexpr std::uint32_t kPassiveScanMs = 360;
constexpr std::uint32_t kScanMsMax = 1500;
constexpr std::uint8_t kChannelMax = 14;
constexpr std::uint32_t kScanFailed = 1;

}  // namespace

/// Where the task of a blocking scan waits. It outlives the driver, since the task may.
class WifiDriver::Waiter : public kernel::KernelObject {
 public:
  kernel::WaitList tasks;
};

WifiDriver::Waiter* WifiDriver::make_waiter() {
  return Scheduler::current().objects().create<Waiter>();
}

ScanPlan WifiDriver::plan(const wifi_scan_config_t& config) const {
  ScanPlan plan;
  if (config.ssid != nullptr) {
    const auto* text = reinterpret_cast<const char*>(config.ssid);
    plan.ssid.emplace(text, strnlen(text, sizeof config_.sta.ssid));
  }
  if (config.bssid != nullptr) {
    plan.bssid.emplace();
    std::copy(config.bssid, config.bssid + plan.bssid->size(), plan.bssid->begin());
  }
  plan.channels = config.channel != 0 ? std::vector{config.channel} : all_channels();
  plan.hidden_too = config.show_hidden;
  plan.passive = config.scan_type == WIFI_SCAN_TYPE_PASSIVE;
  const wifi_active_scan_time_t& active = config.scan_time.active;
  const std::uint32_t passive_ms =
      config.scan_time.passive != 0 ? config.scan_time.passive : kPassiveScanMs;
  const std::uint32_t active_ms_max = active.max != 0 ? active.max : kActiveScanMs;
  const std::uint32_t active_ms_min =
      active.min != 0 && active.max != 0 ? active.min : active_ms_max;
  plan.dwell_us_max = kUsPerMs * (plan.passive ? passive_ms : active_ms_max);
  plan.dwell_us_min = kUsPerMs * (plan.passive ? passive_ms : active_ms_min);
  if (station_ == Station::connected) plan.home_dwell_us = options_.timing.home_dwell_us;
  return plan;
}

esp_err_t WifiDriver::scan_start(const wifi_scan_config_t* config, bool block) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  if (station_ == Station::connecting) return ESP_ERR_WIFI_STATE;
  const wifi_scan_config_t chosen = config != nullptr ? *config : wifi_scan_config_t{};
  const std::uint32_t longest_ms = std::max(
      {chosen.scan_time.active.min, chosen.scan_time.active.max, chosen.scan_time.passive});
  if (chosen.channel > kChannelMax || longest_ms > kScanMsMax) return ESP_ERR_INVALID_ARG;
  begin_scan(chosen, block);
  if (!block) return ESP_OK;
  while (!blocking_outcome_) {
    Scheduler::current().wait(scan_waiter_->tasks, kForever, "esp_wifi_scan_start");
  }
  return *blocking_outcome_;
}

void WifiDriver::begin_scan(const wifi_scan_config_t& config, bool block) {
  abort_scan();
  hold_records({});
  ++statistics_.scans;
  scan_blocks_ = block;
  blocking_outcome_.reset();
  ScanPlan scan_plan = plan(config);
  const bool asks_by_name = scan_plan.ssid && !scan_plan.passive;
  scan_ = std::make_unique<Scan>(
      world_, std::move(scan_plan),
      [this, asks_by_name](std::vector<ScanResult> r) { scan_done(asks_by_name, std::move(r)); });
}

void WifiDriver::scan_done(bool asks_by_name, std::vector<ScanResult> results) {
  scan_.reset();
  std::stable_sort(results.begin(), results.end(), [](const ScanResult& a, const ScanResult& b) {
    return a.heard.rssi > b.heard.rssi;
  });
  std::vector<wifi_ap_record_t> records;
  for (const ScanResult& result : results) {
    // A hidden access point tells its name only to who asks for it by name.
    const bool named = !result.heard.hidden || asks_by_name;
    records.push_back(to_record(result.heard, named));
  }
  hold_records(std::move(records));
  if (scan_blocks_) {
    wake_scan_waiter(ESP_OK);
    return;
  }
  wifi_event_sta_scan_done_t data{};
  data.number = static_cast<std::uint8_t>(std::min<std::size_t>(records_.size(), UINT8_MAX));
  data.scan_id = ++scan_id_;
  events_.post(WIFI_EVENT_SCAN_DONE, data, options_.timing.event_us);
}

void WifiDriver::abort_scan() {
  if (scan_ == nullptr) return;
  scan_.reset();
  if (scan_blocks_) {
    wake_scan_waiter(ESP_FAIL);
    return;
  }
  wifi_event_sta_scan_done_t data{};
  data.status = kScanFailed;
  data.scan_id = ++scan_id_;
  events_.post(WIFI_EVENT_SCAN_DONE, data, options_.timing.event_us);
}

void WifiDriver::wake_scan_waiter(esp_err_t outcome) {
  blocking_outcome_ = outcome;
  Scheduler::current().wake_all(scan_waiter_->tasks);
}

void WifiDriver::hold_records(std::vector<wifi_ap_record_t> records) {
  if (!records_.empty()) ++statistics_.scan_lists_leaked;
  records_ = std::move(records);
  keep_records_memory();
}

void WifiDriver::keep_records_memory() {
  records_memory_ = {};
  records_memory_ = {Scheduler::current().heap(), records_.size() * sizeof(wifi_ap_record_t)};
}

esp_err_t WifiDriver::scan_stop() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (station_ == Station::connecting) return ESP_ERR_WIFI_STATE;
  abort_scan();
  return ESP_OK;
}

esp_err_t WifiDriver::scan_get_ap_num(std::uint16_t* number) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (number == nullptr) return ESP_ERR_INVALID_ARG;
  *number = static_cast<std::uint16_t>(records_.size());
  return ESP_OK;
}

esp_err_t WifiDriver::scan_get_ap_records(std::uint16_t* number, wifi_ap_record_t* records) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (number == nullptr || records == nullptr || *number == 0) return ESP_ERR_INVALID_ARG;
  const std::size_t count = std::min<std::size_t>(*number, records_.size());
  std::copy_n(records_.begin(), count, records);
  *number = static_cast<std::uint16_t>(count);
  records_.clear();
  keep_records_memory();
  return ESP_OK;
}

esp_err_t WifiDriver::clear_ap_list() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  records_.clear();
  keep_records_memory();
  return ESP_OK;
}

}  // namespace simulator::radio
