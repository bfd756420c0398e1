#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/audit.hpp"
#include "server/domain/content_digest.hpp"

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

/// The name of an account in a path segment that is still percent-encoded (account_name.hpp).
[[nodiscard]] Argument parse_account_name(std::string_view segment);

/// The one `app_ver` of a query that is still percent-encoded. Other parameters are ignored; '+' is
/// a plus sign.
[[nodiscard]] Argument parse_version_query(std::optional<std::string_view> query);

/// What a device that knows of offers says about itself. Nothing where it doesn't say.
struct RunningQuery {
  std::optional<domain::ContentDigest> image;  ///< The SHA-256 of the image that it runs.
  std::optional<std::uint32_t> root;           ///< The version of the root that it trusts.
};

/// What a device says about itself, in a query that is still percent-encoded: `image` in 64
/// lower-case hexadecimal digits, and `root`. Of `product` and `counter` the form is checked. Each
/// stands at most once.
[[nodiscard]] boost::system::result<RunningQuery, ArgumentError> parse_running_query(
    std::optional<std::string_view> query);

/// The events that one page of a history may have, and those that it has unless it is said.
constexpr std::size_t kPageEventsMax = 1000;
constexpr std::size_t kPageEventsDefault = 100;

/// Which part of a history is asked for.
struct PageQuery {
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();  ///< An event's number.
  std::size_t limit = kPageEventsDefault;                            ///< 1 to kPageEventsMax.
};

/// `before` and `limit` in a query that is still percent-encoded, each at most once. Other
/// parameters are ignored.
[[nodiscard]] boost::system::result<PageQuery, ArgumentError> parse_page_query(
    std::optional<std::string_view> query);

/// A part of the audit log, in a query that is still percent-encoded: `before` and `limit` as of a
/// history; `by` and `action`, of at most kAuditPrefixBytesMax bytes, are what both shall begin
/// with. Other parameters are ignored.
[[nodiscard]] boost::system::result<domain::AuditQuery, ArgumentError> parse_audit_query(
    std::optional<std::string_view> query);

constexpr std::size_t kAuditPrefixBytesMax = 160;

/// The version of a root document in a path segment: 1 to 2^32 - 1, without leading zeros, so that
/// each document has one path.
[[nodiscard]] boost::system::result<std::uint32_t, ArgumentError> parse_root_version(
    std::string_view segment);

/// What a valid name is, for a person.
[[nodiscard]] std::string_view name_rule();

}  // namespace fuota::server::api
