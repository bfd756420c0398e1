#include "simulator/radio/scan.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "simulator/kernel/scheduler.hpp"

namespace simulator::radio {

using kernel::Scheduler;

namespace {

constexpr std::uint8_t kLastChannel = 13;

wifi_cipher_type_t cipher_of(wifi_auth_mode_t authmode) {
  switch (authmode) {
    case WIFI_AUTH_OPEN:
      return WIFI_CIPHER_TYPE_NONE;
    case WIFI_AUTH_WEP:
      return WIFI_CIPHER_TYPE_WEP104;
    case WIFI_AUTH_WPA_PSK:
      return WIFI_CIPHER_TYPE_TKIP;
    case WIFI_AUTH_WPA_WPA2_PSK:
      return WIFI_CIPHER_TYPE_TKIP_CCMP;
    default:
      return WIFI_CIPHER_TYPE_CCMP;
  }
}

}  // namespace

std::vector<std::uint8_t> all_channels() {
  std::vector<std::uint8_t> channels(kLastChannel);
  std::iota(channels.begin(), channels.end(), std::uint8_t{1});
  return channels;
}

Scan::Scan(const World& world, ScanPlan plan, Done done)
    : world_(world), plan_(std::move(plan)), done_(std::move(done)) {
  listen();
}

Scan::~Scan() {
  if (Scheduler* scheduler = Scheduler::current_or_null()) scheduler->cancel(alarm_);
}

void Scan::listen() {
  const bool answered = !hear(plan_.channels.at(next_channel_)).empty();
  const std::int64_t dwell_us = answered ? plan_.dwell_us_max : plan_.dwell_us_min;
  Scheduler& scheduler = Scheduler::current();
  alarm_ = scheduler.call_at(scheduler.now_us() + dwell_us + plan_.home_dwell_us,
                             [this] { leave_channel(); });
}

void Scan::leave_channel() {
  for (ScanResult& result : hear(plan_.channels[next_channel_])) {
    results_.push_back(std::move(result));
  }
  ++next_channel_;
  const bool found =
      plan_.enough && std::any_of(results_.begin(), results_.end(), [&](const ScanResult& result) {
        return plan_.enough(result.heard);
      });
  if (!found && next_channel_ < plan_.channels.size()) {
    listen();
    return;
  }
  alarm_ = 0;
  const Done done = std::move(done_);
  done(std::move(results_));  // may destroy this
}

bool Scan::matches(const AccessPoint& access_point) const {
  if (access_point.hidden && !plan_.hidden_too) return false;
  if (plan_.ssid && access_point.ssid != *plan_.ssid) return false;
  return !plan_.bssid || access_point.bssid == *plan_.bssid;
}

std::vector<ScanResult> Scan::hear(std::uint8_t channel) const {
  std::vector<ScanResult> heard;
  for (AccessPointId id = 0; id < world_.size(); ++id) {
    const AccessPoint& access_point = world_.at(id);
    if (access_point.present && access_point.channel == channel && matches(access_point)) {
      heard.push_back({id, access_point});
    }
  }
  return heard;
}

wifi_ap_record_t to_record(const AccessPoint& access_point, bool with_ssid) {
  wifi_ap_record_t record{};
  std::copy(access_point.bssid.begin(), access_point.bssid.end(), record.bssid);
  if (with_ssid) std::memcpy(record.ssid, access_point.ssid.data(), access_point.ssid.size());
  record.primary = access_point.channel;
  record.rssi = access_point.rssi;
  record.authmode = access_point.authmode;
  record.pairwise_cipher = cipher_of(access_point.authmode);
  record.group_cipher = record.pairwise_cipher;
  record.phy_11b = 1;
  record.phy_11g = 1;
  record.phy_11n = 1;
  std::memcpy(record.country.cc, "CN", 3);
  record.country.schan = 1;
  record.country.nchan = kLastChannel;
  return record;
}

}  // namespace simulator::radio
