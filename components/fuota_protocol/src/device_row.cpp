#include "fuota_protocol/device_row.hpp"

#include <cstring>

namespace fuota::protocol {

/// Walks one CSV record from left to right.
struct DeviceRowParser {
  std::string_view rest;
  DeviceRowParse result;

  bool fail(DeviceRowError error) {
    result.error = error;
    return false;
  }

  /// Copies one field to `out` and leaves `rest` at the comma or the end behind it.
  bool take_field(std::string_view name, char* out, std::size_t out_bytes, std::size_t& written,
                  NameError (*check)(std::string_view)) {
    written = 0;
    bool overflow = false;
    const auto put = [&](char c) {
      if (written == out_bytes) {
        overflow = true;
      } else {
        out[written++] = c;
      }
    };
    if (!rest.empty() && rest.front() == '"') {
      if (!take_quoted(put)) return fail(DeviceRowError::bad_quoting);
    } else {
      while (!rest.empty() && rest.front() != ',') {
        if (rest.front() == '"') return fail(DeviceRowError::bad_quoting);
        put(rest.front());
        rest.remove_prefix(1);
      }
    }
    const NameError error = overflow ? NameError::too_long : check({out, written});
    if (error != NameError::none) {
      result.field = name;
      result.field_error = error;
      return fail(DeviceRowError::bad_field);
    }
    return true;
  }

  /// Takes a field in quotes, in which two quotes stand for one (RFC 4180 section 2, rule 7).
  template <typename Put>
  bool take_quoted(Put put) {
    rest.remove_prefix(1);
    while (!rest.empty()) {
      const char c = rest.front();
      rest.remove_prefix(1);
      if (c != '"') {
        put(c);
      } else if (!rest.empty() && rest.front() == '"') {
        put('"');
        rest.remove_prefix(1);
      } else {
        return rest.empty() || rest.front() == ',';
      }
    }
    return false;
  }

  bool take_comma() {
    if (rest.empty()) return fail(DeviceRowError::not_three_fields);
    rest.remove_prefix(1);
    return true;
  }

  void parse() {
    DeviceRow& row = result.row;
    if (!take_field("id", row.id_.data(), row.id_.size(), row.id_bytes_, check_device_id)) return;
    if (!take_comma()) return;
    if (!take_field("app_ver", row.version_.data(), row.version_.size(), row.version_bytes_,
                    check_version)) {
      return;
    }
    if (!take_comma()) return;
    if (!take_field("file", row.file_.data(), row.file_.size(), row.file_bytes_, check_file_name)) {
      return;
    }
    if (!rest.empty()) fail(DeviceRowError::not_three_fields);
  }
};

DeviceRowParse parse_device_row(std::string_view line) {
  DeviceRowParser parser;
  if (line.size() > kDeviceRowBytesMax) {
    parser.fail(DeviceRowError::too_long);
    return parser.result;
  }
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.find('\n') != std::string_view::npos) {
    parser.fail(DeviceRowError::more_than_one_line);
    return parser.result;
  }
  if (line.empty()) {
    parser.fail(DeviceRowError::not_three_fields);
    return parser.result;
  }
  parser.rest = line;
  parser.parse();
  return parser.result;
}

std::string_view describe(DeviceRowError error) {
  switch (error) {
    case DeviceRowError::none:
      return "";
    case DeviceRowError::too_long:
      return "the row is too long";
    case DeviceRowError::not_three_fields:
      return "the row does not have three fields";
    case DeviceRowError::more_than_one_line:
      return "the row is more than one line";
    case DeviceRowError::bad_quoting:
      return "the row is not quoted as CSV";
    case DeviceRowError::bad_field:
      return "a field is not valid";
  }
  return "the row is not valid";
}

std::size_t format_device_row(std::string_view id, std::string_view version, std::string_view file,
                              char* out) {
  std::size_t written = 0;
  const auto put = [&](std::string_view text) {
    std::memcpy(out + written, text.data(), text.size());
    written += text.size();
  };
  put("\"");
  put(id);
  put("\",\"");
  put(version);
  put("\",\"");
  put(file);
  put("\"\n");
  return written;
}

}  // namespace fuota::protocol
