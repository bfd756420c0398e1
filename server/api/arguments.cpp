#include "server/api/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/names.hpp"
#include "fuota_protocol/percent.hpp"
#include "server/api/account_name.hpp"

namespace fuota::server::api {
namespace {

constexpr std::string_view kVersionParameter = "app_ver";
constexpr std::string_view kProductParameter = "product";
constexpr std::string_view kImageParameter = "image";
constexpr std::string_view kCounterParameter = "counter";
constexpr std::string_view kRootParameter = "root";
constexpr std::string_view kBeforeParameter = "before";
constexpr std::string_view kLimitParameter = "limit";
constexpr std::string_view kByParameter = "by";
constexpr std::string_view kActionParameter = "action";

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

/// The value of the parameter `name` in `query`, still percent-encoded; nothing when it isn't
/// there.
boost::system::result<std::optional<std::string_view>, ArgumentError> find_parameter(
    std::optional<std::string_view> query, std::string_view name) {
  std::optional<std::string_view> value;
  std::string_view rest = query.value_or("");
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
    const std::size_t equals = parameter.find('=');
    if (parameter.substr(0, equals) != name) continue;
    if (value) {
      return ArgumentError{std::string(name) + " stands in the query more than once: send it once"};
    }
    value = equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
  }
  return value;
}

/// The number that `text` is, digits alone; nothing when it isn't one.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The parameter `name` in `query`, a number from `least` to `most`; nothing when it isn't there.
boost::system::result<std::optional<std::uint64_t>, ArgumentError> find_number(
    std::optional<std::string_view> query, std::string_view name, std::uint64_t least,
    std::uint64_t most) {
  const auto text = find_parameter(query, name);
  if (!text) return text.error();
  if (!*text) return std::optional<std::uint64_t>();
  const auto number = parse_number(**text);
  if (!number || *number < least || *number > most) {
    return ArgumentError{std::string(name) + " is not a number from " + std::to_string(least) +
                         " to " + std::to_string(most)};
  }
  return number;
}

/// The parameter `name` in `query`, decoded; empty when it isn't there.
Argument find_prefix(std::optional<std::string_view> query, std::string_view name) {
  const auto encoded = find_parameter(query, name);
  if (!encoded) return encoded.error();
  const std::string_view value = encoded->value_or("");
  std::string text(value.size(), '\0');
  const auto bytes = protocol::percent_decode(value, text.data(), text.size());
  if (!bytes || *bytes > kAuditPrefixBytesMax) {
    return ArgumentError{std::string(name) + " has a malformed percent escape, or is longer than " +
                         std::to_string(kAuditPrefixBytesMax) + " bytes"};
  }
  text.resize(*bytes);
  return Argument(boost::system::in_place_value, std::move(text));
}

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Argument parse_device_id(std::string_view segment) {
  return parse(segment, "the device id", protocol::check_device_id);
}

Argument parse_file_name(std::string_view segment) {
  return parse(segment, "the file name", protocol::check_file_name);
}

Argument parse_account_name(std::string_view segment) {
  std::string name(segment.size(), '\0');
  const auto bytes = protocol::percent_decode(segment, name.data(), name.size());
  if (bytes) name.resize(*bytes);
  if (!bytes || !is_account_name(name)) {
    return ArgumentError{"the account's name can't be one: use " +
                         std::string(account_name_rule())};
  }
  return Argument(boost::system::in_place_value, std::move(name));
}

Argument parse_version_query(std::optional<std::string_view> query) {
  const auto version = find_parameter(query, kVersionParameter);
  if (!version) return version.error();
  if (!*version) {
    return ArgumentError{"app_ver is missing: ask for /devices/<id>?app_ver=<version>"};
  }
  return parse(**version, "app_ver", protocol::check_version);
}

boost::system::result<RunningQuery, ArgumentError> parse_running_query(
    std::optional<std::string_view> query) {
  const auto product = find_parameter(query, kProductParameter);
  if (!product) return product.error();
  if (*product) {
    const Argument name = parse(**product, kProductParameter, protocol::check_version);
    if (!name) return name.error();
  }
  const auto counter = find_number(query, kCounterParameter, 0, kUint32Max);
  if (!counter) return counter.error();
  const auto root = find_number(query, kRootParameter, 0, kUint32Max);
  if (!root) return root.error();
  RunningQuery running;
  if (*root) running.root = static_cast<std::uint32_t>(**root);
  const auto image = find_parameter(query, kImageParameter);
  if (!image) return image.error();
  if (!*image) return running;
  running.image.emplace();
  if (!protocol::parse_sha256(**image, *running.image)) {
    return ArgumentError{"image is not 64 lower-case hexadecimal digits: send the image's SHA-256"};
  }
  return running;
}

boost::system::result<PageQuery, ArgumentError> parse_page_query(
    std::optional<std::string_view> query) {
  PageQuery page;
  const auto before = find_number(query, kBeforeParameter, 1, page.before);
  if (!before) return before.error();
  const auto limit = find_number(query, kLimitParameter, 1, kPageEventsMax);
  if (!limit) return limit.error();
  page.before = before->value_or(page.before);
  page.limit = static_cast<std::size_t>(limit->value_or(page.limit));
  return page;
}

boost::system::result<domain::AuditQuery, ArgumentError> parse_audit_query(
    std::optional<std::string_view> query) {
  const auto page = parse_page_query(query);
  if (!page) return page.error();
  auto by = find_prefix(query, kByParameter);
  if (!by) return by.error();
  auto action = find_prefix(query, kActionParameter);
  if (!action) return action.error();
  domain::AuditQuery audit;
  audit.before = page->before;
  audit.count_max = page->limit;
  audit.by_prefix = std::move(*by);
  audit.action_prefix = std::move(*action);
  return audit;
}

boost::system::result<std::uint32_t, ArgumentError> parse_root_version(std::string_view segment) {
  const auto number = parse_number(segment);
  if (!number || *number > kUint32Max || segment.front() == '0') {
    return ArgumentError{
        "the version of the root document is not a number from 1 to 4294967295 without leading "
        "zeros"};
  }
  return static_cast<std::uint32_t>(*number);
}

std::string_view name_rule() {
  return "1 to 128 bytes (a file name 1 to 255) of UTF-8 without control characters, /, \\ and "
         "\", and not . or ..";
}

}  // namespace fuota::server::api
