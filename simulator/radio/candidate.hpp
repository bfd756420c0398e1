#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/radio/driver_behaviour.hpp"
#include "simulator/radio/scan.hpp"

namespace simulator::radio {

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

StationConfig read_config(const wifi_sta_config_t& config, const DriverBehaviour& behaviour);

/// Whether the station would connect to an access point of its SSID.
bool qualifies(const StationConfig& config, const AccessPoint& access_point,
               const DriverBehaviour& behaviour);

/// The access points to try, best first; or why there is none.
struct Candidates {
  std::vector<ScanResult> in_order;
  std::uint8_t reason = 0;  ///< when `in_order` is empty
};

Candidates choose(const StationConfig& config, std::vector<ScanResult> found,
                  const DriverBehaviour& behaviour);

}  // namespace simulator::radio
