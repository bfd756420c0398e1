#include "fuota_protocol/base64url.hpp"

#include <cstdint>

namespace fuota::protocol {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint32_t kInvalid = 64;

std::uint32_t value_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '-') return 62;
  if (c == '_') return 63;
  return kInvalid;
}

}  // namespace

std::size_t base64url_encode(const void* data, std::size_t bytes, char* out) {
  const auto* next = static_cast<const std::uint8_t*>(data);
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    bits = (bits << 8) | next[i];
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      out[written++] = kAlphabet[(bits >> bit_count) & 0x3F];
    }
  }
  if (bit_count > 0) out[written++] = kAlphabet[(bits << (6 - bit_count)) & 0x3F];
  return written;
}

std::optional<std::size_t> base64url_decode(std::string_view text, void* out,
                                            std::size_t out_bytes) {
  auto* next = static_cast<std::uint8_t*>(out);
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::uint32_t value = value_of(c);
    if (value == kInvalid) return std::nullopt;
    bits = (bits << 6) | value;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    if (written == out_bytes) return std::nullopt;
    next[written++] = static_cast<std::uint8_t>(bits >> bit_count);
  }
  // What is left of the last character must be zero bits that the encoder has filled in.
  const bool whole = bit_count < 6 && (bits & ((1U << bit_count) - 1)) == 0;
  if (!whole) return std::nullopt;
  return written;
}

}  // namespace fuota::protocol
