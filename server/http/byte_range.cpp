#include "server/http/byte_range.hpp"

#include <algorithm>
#include <charconv>

namespace fuota::server::http {
namespace {

constexpr std::string_view kUnit = "bytes=";

/// A number of digits alone; one too large for 64 bits is as good as the largest.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) return UINT64_MAX;
  return value;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "-<n>": the last n bytes.
RangeDecision last_bytes(std::uint64_t count, std::uint64_t size_bytes) {
  const std::uint64_t length = std::min(count, size_bytes);
  if (length == 0) return {RangeOutcome::unsatisfiable, 0, 0};
  return {RangeOutcome::part, size_bytes - length, length};
}

RangeDecision decide(std::string_view range, std::uint64_t size_bytes) {
  const RangeDecision whole{RangeOutcome::whole, 0, size_bytes};
  if (!range.starts_with(kUnit)) return whole;
  const std::string_view spec = trim(range.substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return whole;
  const auto last = parse_number(spec.substr(dash + 1));
  if (dash == 0) return last ? last_bytes(*last, size_bytes) : whole;
  const auto first = parse_number(spec.substr(0, dash));
  const bool open_end = dash + 1 == spec.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return whole;
  if (*first >= size_bytes) return {RangeOutcome::unsatisfiable, 0, 0};
  const std::uint64_t available = size_bytes - *first;
  // Compared before 1 is added, which could overflow.
  if (open_end || *last - *first >= available) return {RangeOutcome::part, *first, available};
  return {RangeOutcome::part, *first, *last - *first + 1};
}

}  // namespace

RangeDecision decide_range(std::optional<std::string_view> range,
                           std::optional<std::string_view> if_range, std::string_view etag,
                           std::uint64_t size_bytes) {
  if (!range || (if_range && *if_range != etag)) return {RangeOutcome::whole, 0, size_bytes};
  return decide(*range, size_bytes);
}

}  // namespace fuota::server::http
