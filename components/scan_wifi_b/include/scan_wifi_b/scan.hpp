#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "sdkconfig.h"

/// Blocking scan for Wi-Fi access points (APs): the C++ API. Preconditions are those of
/// scan_wifi_b.h.
namespace fuota::scan {

constexpr std::size_t kSsidBytesMax = 32;  // IEEE 802.11-2016, 9.4.2.2

/// How long a scan blocks at most: 14 channels, each for the configured time or, where a country
/// allows listening only, the driver's 360 ms (wifi_scan_time_t); start and stop of the driver.
constexpr std::uint32_t kScanMsMax =
    14 * (CONFIG_SCAN_WIFI_B_ACTIVE_SCAN_MS > 360 ? CONFIG_SCAN_WIFI_B_ACTIVE_SCAN_MS : 360) + 2000;

/// What a scan tells of one AP.
struct AccessPoint {
  std::array<std::uint8_t, kSsidBytesMax> ssid{};
  std::uint8_t ssid_bytes = 0;
  std::array<std::uint8_t, 6> bssid{};
  std::uint8_t channel = 0;
  std::int8_t rssi_dbm = 0;
};

enum class Outcome : std::uint8_t {
  found,        ///< the AP is in range
  not_found,    ///< all channels were scanned; it isn't
  bad_ssid,     ///< the SSID is empty, longer than 32 bytes, or has a NUL in it
  wifi_in_use,  ///< Wi-Fi is on already: nothing was done
  driver,       ///< the Wi-Fi driver refused; `error` says why
};

struct Report {
  Outcome outcome = Outcome::not_found;
  esp_err_t error = ESP_OK;
  /// The strongest AP with that SSID; counts only when found.
  AccessPoint access_point;
};

/// Looks for one AP by name, hidden or not, however many others are around. `ssid` needs no
/// terminator. Blocks while the channels are scanned, about 2 s and at most kScanMsMax.
[[nodiscard]] Report find(const std::uint8_t* ssid, std::size_t ssid_bytes);

}  // namespace fuota::scan
