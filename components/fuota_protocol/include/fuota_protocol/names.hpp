#pragma once

#include <string_view>

/// What a device id, a version and a file name may look like (docs/protocol.md, "Names"):
/// UTF-8, 1 to 128 bytes (file names 1 to 255), no control character, no '/', '\' or '"';
/// "." and ".." are not names.
namespace fuota::protocol {

enum class NameError {
  none,
  empty,
  too_long,
  not_utf8,
  control_character,
  forbidden_character,
  dot_name,
};

/// Checks a device id, already percent-decoded. Pure, no allocation.
[[nodiscard]] NameError check_device_id(std::string_view id);

/// Checks an application version, already percent-decoded.
[[nodiscard]] NameError check_version(std::string_view version);

/// Checks the name of an update file, already percent-decoded.
[[nodiscard]] NameError check_file_name(std::string_view name);

/// One phrase for a person, such as "is empty" or "has a control character", to be put behind
/// what was checked. Static storage. "" for NameError::none.
[[nodiscard]] std::string_view describe(NameError error);

}  // namespace fuota::protocol
