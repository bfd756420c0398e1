#include "fuota_protocol/names.hpp"

#include <cstddef>
#include <cstdint>

#include "fuota_protocol/limits.hpp"
#include "utf8.hpp"

namespace fuota::protocol {
namespace {

bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
}

NameError check(std::string_view text, std::size_t bytes_max) {
  if (text.empty()) return NameError::empty;
  if (text.size() > bytes_max) return NameError::too_long;
  if (text == "." || text == "..") return NameError::dot_name;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.value == kInvalidCodePoint) return NameError::not_utf8;
    if (is_control(next.value)) return NameError::control_character;
    if (next.value == '/' || next.value == '\\' || next.value == '"') {
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
