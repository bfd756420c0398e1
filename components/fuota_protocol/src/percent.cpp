#include "fuota_protocol/percent.hpp"

#include <cstdint>

namespace fuota::protocol {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> percent_encode(std::string_view text, char* out, std::size_t out_bytes) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::size_t written = 0;
  for (const char c : text) {
    const std::size_t needed = is_unreserved(c) ? 1 : 3;
    if (out_bytes - written < needed) return std::nullopt;
    if (needed == 1) {
      out[written++] = c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out[written++] = '%';
      out[written++] = kHex[byte >> 4];
      out[written++] = kHex[byte & 0x0F];
    }
  }
  return written;
}

std::optional<std::size_t> percent_decode(std::string_view text, char* out, std::size_t out_bytes) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      c = static_cast<char>((*high << 4) | *low);
      i += 2;
    }
    if (written == out_bytes) return std::nullopt;
    out[written++] = c;
  }
  return written;
}

}  // namespace fuota::protocol
