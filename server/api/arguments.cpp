#include "server/api/arguments.hpp"

#include <algorithm>

#include "fuota_protocol/names.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::server::api {
namespace {

constexpr std::string_view kVersionParameter = "app_ver";

using Check = protocol::NameError (*)(std::string_view);

/// Decodes and checks `encoded`; `subject` names it in what is said about it.
Argument parse(std::string_view encoded, std::string_view subject, Check check) {
  std::string text(encoded.size(), '\0');
  const auto bytes = protocol::percent_decode(encoded, text.data(), text.size());
  if (!bytes) {
    return ArgumentError{std::string(subject) + " has a malformed percent escape: send % as %25"};
  }
  text.resize(*bytes);
  const protocol::NameError error = check(text);
  if (error != protocol::NameError::none) {
    return ArgumentError{std::string(subject) + " " + std::string(protocol::describe(error)) +
                         ": use " + std::string(name_rule())};
  }
  // Said plainly, since an error could be made of a text, too.
  return Argument(boost::system::in_place_value, std::move(text));
}

}  // namespace

Argument parse_device_id(std::string_view segment) {
  return parse(segment, "the device id", protocol::check_device_id);
}

Argument parse_file_name(std::string_view segment) {
  return parse(segment, "the file name", protocol::check_file_name);
}

Argument parse_version_query(std::optional<std::string_view> query) {
  std::optional<std::string_view> version;
  std::string_view rest = query.value_or("");
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
    const std::size_t equals = parameter.find('=');
    if (parameter.substr(0, equals) != kVersionParameter) continue;
    if (version) {
      return ArgumentError{"app_ver stands in the query more than once: send it once"};
    }
    version = equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
  }
  if (!version) {
    return ArgumentError{"app_ver is missing: ask for /devices/<id>?app_ver=<version>"};
  }
  return parse(*version, "app_ver", protocol::check_version);
}

std::string_view name_rule() {
  return "1 to 128 bytes (a file name 1 to 255) of UTF-8 without control characters, /, \\ and "
         "\", and not . or ..";
}

}  // namespace fuota::server::api
