#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "esp_wifi_types.h"

/// What is in the air around the chip.
namespace simulator::radio {

using Bssid = std::array<std::uint8_t, 6>;
/// In the order in which people write it: {192, 168, 1, 1}.
using Ipv4 = std::array<std::uint8_t, 4>;

struct DhcpServer {
  bool answers = true;
  std::int64_t latency_us = 300'000;  ///< from the station's request to its address
  Ipv4 address = {192, 168, 1, 50};
  Ipv4 netmask = {255, 255, 255, 0};
  Ipv4 gateway = {192, 168, 1, 1};
};

/// The access point ends each connection by itself.
struct LinkLoss {
  std::int64_t after_us = 0;  ///< counted from WIFI_EVENT_STA_CONNECTED
  std::uint8_t reason = WIFI_REASON_AUTH_LEAVE;
};

struct AccessPoint {
  std::string ssid;  ///< 0 to 32 bytes of any value
  Bssid bssid = {0x02, 0, 0, 0, 0, 1};
  std::uint8_t channel = 6;  ///< 1 to 14
  std::int8_t rssi = -50;    ///< dBm, as the station receives it
  wifi_auth_mode_t authmode = WIFI_AUTH_WPA2_PSK;
  std::string password;  ///< 8 to 63 characters, or the key itself as 64 hexadecimal digits
  bool hidden = false;   ///< its beacons don't carry the SSID
  bool present = true;   ///< false: it is switched off or out of range
  DhcpServer dhcp;
  std::optional<LinkLoss> link_loss;
  /// It refuses every association with this reason, for instance WIFI_REASON_ASSOC_TOOMANY.
  std::optional<std::uint8_t> refuses_with;
  /// What a wrong password ends in: 15, or 204 (both are seen in the field; docs/en/api-guides/
  /// wifi.rst of v5.5.5, "Wi-Fi Reason code related to wrong password").
  std::uint8_t wrong_password_reason = WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT;
};

/// Whether a station that is configured with `password` gets in. A passphrase and the raw key that
/// is derived from it (IEEE 802.11i, PBKDF2 with the SSID as salt) are the same secret, except for
/// WPA3, which knows passphrases only.
bool accepts_password(const AccessPoint& access_point, std::string_view password);

/// 64 hexadecimal digits.
bool is_raw_key(std::string_view password);

/// Greater is better; equal where ESP-IDF treats modes as equal (esp_wifi_types_generic.h of
/// v5.5.5, wifi_auth_mode_t).
int strength(wifi_auth_mode_t authmode);

}  // namespace simulator::radio
