#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// Base64url without padding, as JWS uses it (RFC 7515 section 2, RFC 4648 section 5).
namespace fuota::protocol {

/// The characters that `bytes` bytes take.
constexpr std::size_t base64url_size(std::size_t bytes) {
  return (bytes * 4 + 2) / 3;
}

/// Writes the base64url form of `bytes` bytes at `data` to `out`, which has room for
/// base64url_size(bytes) characters, and returns that number. No terminator is written.
std::size_t base64url_encode(const void* data, std::size_t bytes, char* out);

/// Decodes `text` to `out`, which has room for `out_bytes` bytes and doesn't overlap `text`.
/// Returns the number of bytes written; nothing when they don't fit or `text` isn't exactly what
/// `base64url_encode` writes: other characters, padding, line ends and stray bits at the end are
/// refused, so that two different texts never mean the same bytes.
[[nodiscard]] std::optional<std::size_t> base64url_decode(std::string_view text, void* out,
                                                          std::size_t out_bytes);

}  // namespace fuota::protocol
