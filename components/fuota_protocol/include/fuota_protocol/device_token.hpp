#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/base64url.hpp"

/// A device's own password at the server (docs/protocol.md, "Enrolment").
namespace fuota::protocol {

/// What a token says that it is, before its secret.
constexpr std::string_view kDeviceTokenPrefix = "fud_";

/// Random, and never told to anybody but the server.
using DeviceSecret = std::array<std::uint8_t, 32>;

constexpr std::size_t kDeviceTokenBytes =
    kDeviceTokenPrefix.size() + base64url_size(DeviceSecret{}.size());

/// Writes the token of `secret` to `out`, which has room for kDeviceTokenBytes characters. No
/// terminator is written.
void format_device_token(const DeviceSecret& secret, char* out);

}  // namespace fuota::protocol
