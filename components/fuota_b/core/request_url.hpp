#pragma once

#include <cstddef>
#include <cstdint>

#include "fuota_protocol/limits.hpp"

/// The URLs of the compatible API, with everything escaped that needs it.
namespace fuota::update {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 section 2.3.4, without the root's dot

/// Room for the longest URL and its terminator: every byte of id and version may need three
/// (RFC 3986 section 2.1).
constexpr std::size_t kUrlBytesMax = sizeof "https://:65535/devices/?app_ver=" + kHostBytesMax +
                                     3 * (protocol::kDeviceIdBytesMax + protocol::kVersionBytesMax);
static_assert(kUrlBytesMax >=
                  sizeof "https://:65535/files/" + kHostBytesMax + 3 * protocol::kFileNameBytesMax,
              "file URLs fit too");

/// True for what may stand between "https://" and the port: letters, digits, '-' and '.'.
[[nodiscard]] bool is_host_name(const char* host);

/// Writes the URL of a check to `out` (kUrlBytesMax bytes) with a terminator. False when a
/// parameter breaks its rule: host name, port, device id or version.
[[nodiscard]] bool write_check_url(const char* host, std::uint16_t port, const char* device_id,
                                   const char* app_version, char* out);

/// The same for an update file.
[[nodiscard]] bool write_file_url(const char* host, std::uint16_t port, const char* file_name,
                                  char* out);

}  // namespace fuota::update
