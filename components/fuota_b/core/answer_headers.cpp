#include "answer_headers.hpp"

#include <strings.h>

#include <cstring>

#include "fuota_protocol/offer.hpp"

namespace fuota::update {
namespace {

/// Media types are compared without regard to case (RFC 9110 section 8.3.1); what is behind the ';'
/// are parameters, of which this one has none.
bool is_offer_type(const char* value) {
  constexpr std::size_t kBytes = protocol::kOfferMediaType.size();
  if (strncasecmp(value, protocol::kOfferMediaType.data(), kBytes) != 0) return false;
  return value[kBytes] == '\0' || std::strchr("; \t", value[kBytes]) != nullptr;
}

/// Reads a decimal number at `text` and moves behind it. False without a digit, and for more than
/// 2^53 - 1, which no length of ours comes near.
bool read_number(const char*& text, std::int64_t& out) {
  constexpr std::int64_t kMax = (std::int64_t{1} << 53) - 1;
  if (*text < '0' || *text > '9') return false;
  std::int64_t value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) {
    value = value * 10 + (*text - '0');
    if (value > kMax) return false;
  }
  out = value;
  return true;
}

/// A number and nothing else.
bool is_number(const char* text, std::int64_t& out) {
  return read_number(text, out) && *text == '\0';
}

bool skip(const char*& text, char expected) {
  if (*text != expected) return false;
  ++text;
  return true;
}

}  // namespace

void AnswerHeaders::note(const char* name, const char* value) {
  std::int64_t number = 0;
  const bool has_number = is_number(value, number);
  if (strcasecmp(name, "Content-Type") == 0) {
    is_offer = is_offer_type(value);
  } else if (strcasecmp(name, "Content-Length") == 0) {
    if (!has_number) return;
    has_content_length = true;
    content_length = number;
  } else if (strcasecmp(name, "Content-Range") == 0) {
    constexpr char kUnit[] = "bytes ";
    constexpr std::size_t kUnitBytes = sizeof kUnit - 1;
    if (strncasecmp(value, kUnit, kUnitBytes) != 0) return;
    const char* rest = value + kUnitBytes;
    has_range = read_number(rest, range_begin) && skip(rest, '-') && read_number(rest, range_end) &&
                skip(rest, '/') && is_number(rest, range_total);
  } else if (strcasecmp(name, "Connection") == 0) {
    closes = strcasecmp(value, "close") == 0;
  } else if (strcasecmp(name, "Retry-After") == 0) {
    if (!has_number) return;
    retry_after_s = number < kRetryAfterSMax ? static_cast<std::uint32_t>(number) : kRetryAfterSMax;
  } else if (strcasecmp(name, "Fuota-Root") == 0) {
    if (has_number && number <= UINT32_MAX) {
      root_version = static_cast<std::uint32_t>(number);
    }
  }
}

}  // namespace fuota::update
