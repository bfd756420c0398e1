#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "conn_wifi_b.h"
#include "esp_err.h"

/// Blocking connection to a Wi-Fi access point (AP): the C++ API. Preconditions and blocking
/// bounds are those of conn_wifi_b.h.
namespace fuota::connection {

constexpr std::size_t kSsidBytesMax = 32;      // IEEE 802.11-2016, 9.4.2.2
constexpr std::size_t kPasswordBytesMax = 64;  // 63 for a passphrase, 64 for a raw PSK in hex
constexpr std::size_t kPassphraseBytesMin = 8;
constexpr std::uint32_t kIpTimeoutMsMax = 600'000;
/// How long `connect` blocks at most on top of the caller's time, and how long `disconnect` does,
/// unless other tasks are being served.
constexpr std::uint32_t kPhasesMsMax = 25'000;

/// Which AP to join. SSIDs are bytes, not text: any byte may occur in them.
struct AccessPoint {
  std::array<std::uint8_t, kSsidBytesMax> ssid{};
  std::uint8_t ssid_bytes = 0;  ///< 1 to 32
  std::array<std::uint8_t, kPasswordBytesMax> password{};
  std::uint8_t password_bytes = 0;  ///< 0 (open network), 8 to 63, or 64 hexadecimal digits
  /// Where a scan has seen it, 1 to 14, to be looked for there first; 0: on all channels, which
  /// takes about 2 s of the caller's time.
  std::uint8_t channel = 0;
};

/// How a call ended, and what the driver said about it.
struct Report {
  cwb_status_t status = CWB_OK;
  /// The driver's last reason for a disconnection (wifi_err_reason_t), 0 when there was none.
  std::uint8_t disconnect_reason = 0;
  /// What the ESP-IDF call that failed returned; ESP_OK when none failed.
  esp_err_t error = ESP_OK;
};

[[nodiscard]] Report connect(const AccessPoint& access_point, std::uint32_t ip_timeout_ms);
[[nodiscard]] Report disconnect();
[[nodiscard]] Report deinit();

/// Events of the driver that were lost because the component's queue was full, since the task was
/// created. Each phase has a deadline, so a lost event delays, but doesn't hang.
[[nodiscard]] std::uint32_t dropped_events();

}  // namespace fuota::connection
