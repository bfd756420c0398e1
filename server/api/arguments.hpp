#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/check.hpp"

namespace fuota::server::api {

/// One line that says what is wrong with an argument, and what is right.
struct ArgumentError {
  std::string reason;
};

/// An argument of a request, decoded and valid.
using Argument = boost::system::result<std::string, ArgumentError>;

/// The device id in a path segment that is still percent-encoded.
[[nodiscard]] Argument parse_device_id(std::string_view segment);

/// The file name in a path segment that is still percent-encoded.
[[nodiscard]] Argument parse_file_name(std::string_view segment);

/// The one `app_ver` of a query that is still percent-encoded. Other parameters are ignored; '+' is
/// a plus sign.
[[nodiscard]] Argument parse_version_query(std::optional<std::string_view> query);

/// What a device says that it runs, in a query that is still percent-encoded: `image`, the SHA-256
/// of its image in 64 lower-case hexadecimal digits; nothing when it doesn't say. Of `product` and
/// `counter` the form is checked. Each stands at most once.
[[nodiscard]] boost::system::result<std::optional<domain::ContentDigest>, ArgumentError>
parse_running_query(std::optional<std::string_view> query);

/// What a valid name is, for a person.
[[nodiscard]] std::string_view name_rule();

}  // namespace fuota::server::api
