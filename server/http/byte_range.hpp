#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fuota::server::http {

enum class RangeOutcome {
  whole,          ///< 200 with all of it.
  part,           ///< 206 with the range.
  unsatisfiable,  ///< 416: the range begins behind the end.
};

struct RangeDecision {
  RangeOutcome outcome = RangeOutcome::whole;
  std::uint64_t first = 0;         ///< Offset of the first byte to be sent.
  std::uint64_t length_bytes = 0;  ///< How many bytes are to be sent.
};

/// Decides what a GET of `size_bytes` bytes with the strong tag `etag` sends (RFC 9110 sections
/// 13.1.5 and 14.2). One range is served: a field that asks for several, for another unit than
/// bytes, or that is malformed counts as absent, and so does one whose If-Range is not the very
/// tag.
[[nodiscard]] RangeDecision decide_range(std::optional<std::string_view> range,
                                         std::optional<std::string_view> if_range,
                                         std::string_view etag, std::uint64_t size_bytes);

}  // namespace fuota::server::http
