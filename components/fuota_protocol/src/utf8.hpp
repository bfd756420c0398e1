#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fuota::protocol {

constexpr std::uint32_t kInvalidCodePoint = 0xFFFFFFFF;

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;
};

/// The first code point of `text`, which isn't empty; strict as RFC 3629 section 4 asks: no
/// overlong forms, no surrogates, nothing above U+10FFFF. kInvalidCodePoint when it is none.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace fuota::protocol
