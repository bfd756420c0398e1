#include "server/api/accept.hpp"

#include <algorithm>
#include <optional>

#include "fuota_protocol/offer.hpp"

namespace fuota::server::api {
namespace {

constexpr std::string_view kCsvMediaType = "text/csv";
constexpr int kQualityMax = 1000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes what stands before the next `separator` off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return trimmed(part);
}

/// A qvalue in thousandths: 0 or 1 and up to three decimals (RFC 9110 section 12.4.2).
std::optional<int> parse_quality(std::string_view text) {
  constexpr std::size_t kTextMax = 5;
  if (text.empty() || text.size() > kTextMax || (text[0] != '0' && text[0] != '1')) return {};
  if (text.size() > 1 && text[1] != '.') return {};
  int quality = text[0] == '1' ? kQualityMax : 0;
  int unit = kQualityMax / 10;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_digit(c)) return {};
    quality += (c - '0') * unit;
    unit /= 10;
  }
  if (quality > kQualityMax) return {};
  return quality;
}

/// The quality that the parameters of a media range give it; 0 when they are not well-formed.
int quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take(parameters, ';');
    const std::string_view name = take(value, '=');
    if (equals_ignoring_case(name, "q")) return parse_quality(value).value_or(0);
  }
  return kQualityMax;
}

}  // namespace

bool wants_offer(std::string_view accept) {
  int offer = 0;
  int csv = 0;
  while (!accept.empty()) {
    std::string_view range = take(accept, ',');
    const std::string_view type = take(range, ';');
    if (equals_ignoring_case(type, protocol::kOfferMediaType)) offer = quality_of(range);
    if (equals_ignoring_case(type, kCsvMediaType)) csv = quality_of(range);
  }
  return offer > 0 && offer >= csv;
}

}  // namespace fuota::server::api
