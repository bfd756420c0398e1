#pragma once

#include <cstdint>
#include <string_view>

namespace fuota::test {

/// What a Range field asks for of a file.
struct ByteRange {
  enum class Kind : std::uint8_t {
    whole,          ///< no range, or one that a server may ignore (RFC 9110 section 14.2)
    part,           ///< `first` to `last`, both included
    not_satisfied,  ///< it begins behind the end
  };
  Kind kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// Reads the value of a Range field: one range, "bytes=a-b", "bytes=a-" or "bytes=-n". Several
/// ranges, other units and malformed ones are ignored.
[[nodiscard]] ByteRange parse_byte_range(std::string_view value, std::uint64_t file_bytes);

}  // namespace fuota::test
