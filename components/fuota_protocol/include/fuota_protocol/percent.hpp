#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// Percent-encoding of path segments and query values (RFC 3986 section 2.1), into the caller's
/// buffer.
namespace fuota::protocol {

/// Appends `text` to `out` with every byte percent-encoded that is not unreserved (RFC 3986
/// section 2.3: letters, digits, '-', '.', '_', '~'), so that the result is one path segment or one
/// query value whatever the text.
///
/// `out` has room for `out_bytes` bytes; no terminator is written. Returns the number of bytes
/// written, or nothing when they don't fit (`out` is then unspecified).
[[nodiscard]] std::optional<std::size_t> percent_encode(std::string_view text, char* out,
                                                        std::size_t out_bytes);

/// Decodes `%XX` sequences of `text` into `out`; every other byte is copied ('+' stays '+': these
/// are not HTML forms). Returns the number of bytes written, at most `text.size()`; nothing when
/// an escape is malformed or the result doesn't fit. `out` may be where `text` lies.
[[nodiscard]] std::optional<std::size_t> percent_decode(std::string_view text, char* out,
                                                        std::size_t out_bytes);

}  // namespace fuota::protocol
