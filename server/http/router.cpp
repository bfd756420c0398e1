#include "server/http/router.hpp"

#include <algorithm>
#include <utility>

namespace fuota::server::http {
namespace {

using boost::asio::awaitable;

constexpr unsigned kNotFound = 404;
constexpr unsigned kMethodNotAllowed = 405;
constexpr unsigned kLengthRequired = 411;
constexpr unsigned kContentTooLarge = 413;
constexpr std::string_view kAnySegment = "{}";

/// What stands for "{}" when `path` is of `pattern`: empty when the pattern has none; nothing when
/// the path is of another pattern.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t at = pattern.find(kAnySegment);
  if (at == std::string_view::npos) {
    return pattern == path ? std::optional<std::string_view>("") : std::nullopt;
  }
  const std::string_view prefix = pattern.substr(0, at);
  const std::string_view suffix = pattern.substr(at + kAnySegment.size());
  if (path.size() < prefix.size() + suffix.size()) return std::nullopt;
  if (!path.starts_with(prefix) || !path.ends_with(suffix)) return std::nullopt;
  const std::string_view segment =
      path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  if (segment.find('/') != std::string_view::npos) return std::nullopt;
  return segment;
}

bool serves(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

Response method_not_allowed(std::vector<std::string> methods) {
  std::string allow;
  for (const std::string& method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += method == "GET" ? "GET, HEAD" : method;
  }
  Response response = text_response(kMethodNotAllowed, "this path takes " + allow);
  response.fields.emplace_back("Allow", std::move(allow));
  return response;
}

/// The refusal of a body that the route doesn't take as it was announced.
std::optional<Response> check_body(const Route& route, RequestBody& body) {
  if (!body.limit(route.body_bytes_max.value_or(0))) {
    return text_response(kContentTooLarge,
                         route.body_bytes_max ? "the body is longer than " +
                                                    std::to_string(*route.body_bytes_max) + " bytes"
                                              : "this request takes no body");
  }
  if (route.body_bytes_max && !body.declared()) {
    return text_response(kLengthRequired, "send Content-Length, or the body in chunks");
  }
  return std::nullopt;
}

}  // namespace

Router::Router(std::vector<Route> routes, Guard guard)
    : routes_(std::move(routes)), guard_(std::move(guard)) {}

awaitable<Handled> Router::handle(Request request) {
  Handled handled;
  handled.route = pattern_of(request.path);
  Admission admission = guard_(request);
  handled.user = std::move(admission.user);
  if (admission.refusal) {
    handled.response = std::move(*admission.refusal);
    co_return handled;
  }
  handled.response = co_await dispatch(request);
  co_return handled;
}

std::string_view Router::pattern_of(std::string_view path) const {
  for (const Route& route : routes_) {
    if (match(route.pattern, path)) return route.pattern;
  }
  return {};
}

awaitable<Response> Router::dispatch(Request request) const {
  std::vector<std::string> methods;
  for (const Route& route : routes_) {
    const auto argument = match(route.pattern, request.path);
    if (!argument) continue;
    if (serves(route, request.method)) {
      if (auto refusal = check_body(route, *request.body)) co_return std::move(*refusal);
      request.argument = *argument;
      co_return co_await route.endpoint(request);
    }
    methods.push_back(route.method);
  }
  if (!methods.empty()) co_return method_not_allowed(std::move(methods));
  co_return text_response(kNotFound, "there is nothing at this path");
}

}  // namespace fuota::server::http
