#include "simulator/radio/candidate.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace simulator::radio {

namespace {

// Reasons that v4.4 doesn't have, in increasing order of importance: an access point that fails for
// several is reported with the greatest, several access points with the smallest.
constexpr std::uint8_t kIncompatibleSecurity = 210;
constexpr std::uint8_t kBelowAuthmodeThreshold = 211;
constexpr std::uint8_t kBelowRssiThreshold = 212;

constexpr std::size_t kWpaPasswordBytesMin = 8;

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
  const auto* text = reinterpret_cast<const char*>(bytes);
  return {text, strnlen(text, size)};
}

/// 0 when the access point qualifies.
std::uint8_t objection(const StationConfig& config, const AccessPoint& access_point,
                       const DriverBehaviour& behaviour) {
  if (access_point.rssi < config.rssi_min) return kBelowRssiThreshold;
  if (strength(access_point.authmode) < strength(config.authmode_min)) {
    return kBelowAuthmodeThreshold;
  }
  const bool open = access_point.authmode == WIFI_AUTH_OPEN;
  if (!open && config.password.empty()) return kIncompatibleSecurity;
  if (open && !config.password.empty() && behaviour.password_excludes_open) {
    return kIncompatibleSecurity;
  }
  return 0;
}

}  // namespace

StationConfig read_config(const wifi_sta_config_t& config, const DriverBehaviour& behaviour) {
  StationConfig read;
  read.ssid = text_of(config.ssid, sizeof config.ssid);
  read.password = text_of(config.password, sizeof config.password);
  if (config.bssid_set) {
    read.bssid.emplace();
    std::copy(std::begin(config.bssid), std::end(config.bssid), read.bssid->begin());
  }
  read.channel = config.channel;
  read.all_channels = config.scan_method == WIFI_ALL_CHANNEL_SCAN;
  read.by_security = config.sort_method == WIFI_CONNECT_AP_BY_SECURITY;
  if (config.threshold.rssi < 0) read.rssi_min = config.threshold.rssi;
  read.authmode_min = config.threshold.authmode;
  const bool raise = behaviour.password_excludes_open && read.authmode_min == WIFI_AUTH_OPEN &&
                     read.password.size() >= kWpaPasswordBytesMin;
  if (raise) read.authmode_min = WIFI_AUTH_WPA2_PSK;
  return read;
}

bool qualifies(const StationConfig& config, const AccessPoint& access_point,
               const DriverBehaviour& behaviour) {
  return objection(config, access_point, behaviour) == 0;
}

Candidates choose(const StationConfig& config, std::vector<ScanResult> found,
                  const DriverBehaviour& behaviour) {
  Candidates candidates;
  std::uint8_t least = 0;
  for (ScanResult& result : found) {
    const std::uint8_t reason = objection(config, result.heard, behaviour);
    if (reason == 0) {
      candidates.in_order.push_back(std::move(result));
    } else {
      least = least == 0 ? reason : std::min(least, reason);
    }
  }
  if (candidates.in_order.empty()) {
    const bool none = !behaviour.tells_why_none_qualifies || least == 0;
    candidates.reason = none ? std::uint8_t{WIFI_REASON_NO_AP_FOUND} : least;
    return candidates;
  }
  if (!config.all_channels) {  // the first that was heard
    candidates.in_order.resize(1);
    return candidates;
  }
  std::stable_sort(candidates.in_order.begin(), candidates.in_order.end(),
                   [&](const ScanResult& a, const ScanResult& b) {
                     const int stronger = strength(a.heard.authmode) - strength(b.heard.authmode);
                     if (config.by_security && stronger != 0) return stronger > 0;
                     return a.heard.rssi > b.heard.rssi;
                   });
  return candidates;
}

}  // namespace simulator::radio
