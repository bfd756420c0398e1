#include "tests/support/native_server/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace fuota::test {
namespace {

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

ByteRange suffix(std::uint64_t wanted_bytes, std::uint64_t file_bytes) {
  if (wanted_bytes == 0 || file_bytes == 0) return {ByteRange::Kind::not_satisfied};
  return {ByteRange::Kind::part, file_bytes - std::min(wanted_bytes, file_bytes), file_bytes - 1};
}

}  // namespace

ByteRange parse_byte_range(std::string_view value, std::uint64_t file_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  if (!value.starts_with(kUnit)) return {};
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view end = value.substr(dash + 1);
  const auto last = number_of(end);
  if (!last && !end.empty()) return {};
  if (dash == 0) return last ? suffix(*last, file_bytes) : ByteRange{};
  const auto first = number_of(value.substr(0, dash));
  if (!first || (last && *last < *first)) return {};
  if (*first >= file_bytes) return {ByteRange::Kind::not_satisfied};
  return {ByteRange::Kind::part, *first, last ? std::min(*last, file_bytes - 1) : file_bytes - 1};
}

}  // namespace fuota::test
