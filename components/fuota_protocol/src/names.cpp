#include "fuota_protocol/names.hpp"

#include <cstddef>
#include <cstdint>

#include "fuota_protocol/limits.hpp"

namespace fuota::protocol {
namespace {

constexpr std::uint32_t kInvalidCodePoint = 0xFFFFFFFF;

struct Decoded {
  std::uint32_t code_point;
  std::size_t bytes;
};

/// The first code point of `text`, which isn't empty; strict as RFC 3629 section 4 asks: no
/// overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};

  std::size_t bytes = 0;
  std::uint32_t code_point = 0;
  std::uint32_t least = 0;
  if ((lead & 0xE0) == 0xC0) {
    bytes = 2;
    code_point = lead & 0x1FU;
    least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    bytes = 3;
    code_point = lead & 0x0FU;
    least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    bytes = 4;
    code_point = lead & 0x07U;
    least = 0x10000;
  } else {
    return {kInvalidCodePoint, 1};
  }
  if (text.size() < bytes) return {kInvalidCodePoint, 1};
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {kInvalidCodePoint, 1};
    code_point = (code_point << 6) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < least || surrogate || code_point > 0x10FFFF) return {kInvalidCodePoint, 1};
  return {code_point, bytes};
}

bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
}

NameError check(std::string_view text, std::size_t bytes_max) {
  if (text.empty()) return NameError::empty;
  if (text.size() > bytes_max) return NameError::too_long;
  if (text == "." || text == "..") return NameError::dot_name;
  while (!text.empty()) {
    const Decoded next = decode_utf8(text);
    if (next.code_point == kInvalidCodePoint) return NameError::not_utf8;
    if (is_control(next.code_point)) return NameError::control_character;
    if (next.code_point == '/' || next.code_point == '\\' || next.code_point == '"') {
      return NameError::forbidden_character;
    }
    text.remove_prefix(next.bytes);
  }
  return NameError::none;
}

}  // namespace

NameError check_device_id(std::string_view id) {
  return check(id, kDeviceIdBytesMax);
}

NameError check_version(std::string_view version) {
  return check(version, kVersionBytesMax);
}

NameError check_file_name(std::string_view name) {
  return check(name, kFileNameBytesMax);
}

std::string_view describe(NameError error) {
  switch (error) {
    case NameError::none:
      return "";
    case NameError::empty:
      return "is empty";
    case NameError::too_long:
      return "is too long";
    case NameError::not_utf8:
      return "is not valid UTF-8";
    case NameError::control_character:
      return "has a control character";
    case NameError::forbidden_character:
      return "has one of the characters / \\ \"";
    case NameError::dot_name:
      return "is \".\" or \"..\"";
  }
  return "is not valid";
}

}  // namespace fuota::protocol
