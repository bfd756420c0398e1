#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/radio/scan.hpp"

namespace simulator::radio {

/// Which version's rules the driver follows where they differ (docs/en/api-guides/wifi.rst).
enum class DriverVersion {
  /// A password doesn't raise the threshold: an open access point of the same name is taken. Every
  /// failure to find one is reason 201.
  v4_4,
  /// A password of 8 or more bytes makes WPA2 the least that is accepted unless a threshold is
  /// set. Access points that exist but don't qualify are reasons 210 to 212.
  v5_5,
};

/// The station's configuration, as the driver reads it.
struct StationConfig {
  std::string ssid;
  std::string password;
  std::optional<Bssid> bssid;
  std::uint8_t channel = 0;  ///< scanned first; 0: no preference
  bool all_channels = false;
  bool by_security = false;
  std::int8_t rssi_min = -127;
  wifi_auth_mode_t authmode_min = WIFI_AUTH_OPEN;
};

StationConfig read_config(const wifi_sta_config_t& config, DriverVersion version);

/// Whether the station would connect to an access point of its SSID.
bool qualifies(const StationConfig& config, const AccessPoint& access_point, DriverVersion version);

/// The access points to try, best first; or why there is none.
struct Candidates {
  std::vector<ScanResult> in_order;
  std::uint8_t reason = 0;  ///< when `in_order` is empty
};

Candidates choose(const StationConfig& config, std::vector<ScanResult> found,
                  DriverVersion version);

}  // namespace simulator::radio
