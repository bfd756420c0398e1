#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/names.hpp"

/// The device row of the compatible API (docs/protocol.md, layer 1): one CSV record (RFC 4180)
/// `"<id>","<app_ver>","<file>"`, which says: when device <id> reports that it runs <app_ver>,
/// offer <file>.
namespace fuota::protocol {

/// A row that was parsed. The text of the fields lies in the row itself, so it can be copied and
/// outlives what it was parsed from.
class DeviceRow {
 public:
  [[nodiscard]] std::string_view id() const { return {id_.data(), id_bytes_}; }
  [[nodiscard]] std::string_view version() const { return {version_.data(), version_bytes_}; }
  [[nodiscard]] std::string_view file() const { return {file_.data(), file_bytes_}; }

 private:
  friend struct DeviceRowParser;

  std::array<char, kDeviceIdBytesMax> id_{};
  std::array<char, kVersionBytesMax> version_{};
  std::array<char, kFileNameBytesMax> file_{};
  std::size_t id_bytes_ = 0;
  std::size_t version_bytes_ = 0;
  std::size_t file_bytes_ = 0;
};

enum class DeviceRowError {
  none,
  too_long,
  not_three_fields,
  more_than_one_line,
  bad_quoting,
  bad_field,
};

/// What `parse_device_row` found. `row` counts only when `error` is none; `field` and
/// `field_error` only when it is bad_field.
struct DeviceRowParse {
  DeviceRowError error = DeviceRowError::none;
  std::string_view field = "";
  NameError field_error = NameError::none;
  DeviceRow row;
};

/// For the server: takes over 1 KiB of stack. Parses one CSV record: fields quoted or not, one line
/// end (LF or CRLF) allowed behind it. Each field must be a valid id, version and file name. Pure,
/// no allocation.
[[nodiscard]] DeviceRowParse parse_device_row(std::string_view line);

/// One phrase for a person, static storage; "" for DeviceRowError::none.
[[nodiscard]] std::string_view describe(DeviceRowError error);

/// The longest line that `format_device_row` writes: three fields, six quotes, two commas, LF.
constexpr std::size_t kFormattedRowBytesMax =
    kDeviceIdBytesMax + kVersionBytesMax + kFileNameBytesMax + 9;

/// Writes `"<id>","<version>","<file>"` and LF to `out`, which has room for
/// kFormattedRowBytesMax bytes, and returns the number of bytes written. The three are valid
/// names, so no character needs escaping.
[[nodiscard]] std::size_t format_device_row(std::string_view id, std::string_view version,
                                            std::string_view file, char* out);

}  // namespace fuota::protocol
