#pragma once

#include <optional>
#include <string_view>

namespace fuota::server::http {

/// A request target in its two parts, both still percent-encoded; views into the target.
struct RequestTarget {
  std::string_view path;                  ///< Begins with '/'.
  std::optional<std::string_view> query;  ///< Behind the first '?'; may be empty.
};

/// Splits a target in origin form ("/path?query") or absolute form ("https://host/path?query"), of
/// which the host is ignored (RFC 9112 section 3.2). Nothing for any other form.
[[nodiscard]] std::optional<RequestTarget> split_target(std::string_view target);

}  // namespace fuota::server::http
