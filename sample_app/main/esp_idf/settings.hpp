#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "conn_wifi_b/connection.hpp"
#include "esp_err.h"
#include "fuota_b/release_policy.hpp"
#include "fuota_protocol/limits.hpp"

namespace fuota::app {

constexpr std::size_t kServerNameBytesMax = 253;
constexpr std::size_t kCredentialBytesMax = 128;
/// What NVS keeps as one string, its terminator included (nvs.h, nvs_set_str).
constexpr std::size_t kCertificateBytesMax = 4000;

struct Free {
  void operator()(char* memory) const { std::free(memory); }
};

/// Where a device finds its updates and how it calls itself. All strings are NUL-terminated.
struct Settings {
  connection::AccessPoint access_point;
  char server_name[kServerNameBytesMax + 1] = {};
  std::uint16_t server_port = 0;
  char username[kCredentialBytesMax + 1] = {};
  char password[kCredentialBytesMax + 1] = {};
  char fleet_key[kCredentialBytesMax + 1] = {};  ///< empty: none
  char device_id[protocol::kDeviceIdBytesMax + 1] = {};
  /// PEM, embedded at build or from NVS.
  const char* certificate_pem = nullptr;

  /// The release keys; without any, a release needs no signature.
  update::ReleasePolicy release_policy;

  /// Holds the certificate when it came from NVS.
  std::unique_ptr<char, Free> provisioned_certificate;

  /// What the device authenticates with in the TLS handshake, PEM, from NVS: each device has its
  /// own. Both or neither.
  std::unique_ptr<char, Free> client_certificate;
  std::unique_ptr<char, Free> client_key;
};

/// Fills `settings`: each from namespace "fuota" of NVS if it is provisioned there, else from the
/// configuration menu; the device id, when neither has one, is the base MAC address as 12
/// hexadecimal digits. docs/provisioning.md lists keys and types.
///
/// NVS is initialised. ESP_OK, or the first error that is not "not found", with a log line that
/// names the key. Release keys that can't be used are such an error, ESP_ERR_INVALID_ARG, and so is
/// a client certificate without its key:
/// `settings` must not be used then, or the device would install what nobody has signed.
[[nodiscard]] esp_err_t load_settings(Settings& settings);

}  // namespace fuota::app
