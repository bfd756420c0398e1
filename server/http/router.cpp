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

/// What stands for "{}" when `path` is of the pattern of `entry`: empty when it has none; nothing
/// when the path is of another pattern.
std::optional<std::string_view> Router::match(const Entry& entry, std::string_view path) {
  if (!entry.has_argument) {
    return entry.prefix == path ? std::optional<std::string_view>("") : std::nullopt;
  }
  if (path.size() < entry.prefix.size() + entry.suffix.size()) return std::nullopt;
  if (!path.starts_with(entry.prefix) || !path.ends_with(entry.suffix)) return std::nullopt;
  const std::string_view segment =
      path.substr(entry.prefix.size(), path.size() - entry.prefix.size() - entry.suffix.size());
  if (segment.find('/') != std::string_view::npos) return std::nullopt;
  return segment;
}

Router::Router(std::vector<Route> routes, Guard guard) : guard_(std::move(guard)) {
  for (Route& route : routes) {
    Entry entry;
    entry.route = std::move(route);
    const std::string& pattern = entry.route.pattern;
    const std::size_t at = pattern.find(kAnySegment);
    entry.has_argument = at != std::string::npos;
    entry.prefix = pattern.substr(0, at);
    if (entry.has_argument) entry.suffix = pattern.substr(at + kAnySegment.size());
    entries_.push_back(std::move(entry));
  }
}

Router::Found Router::find(const Request& request) const {
  Found found;
  for (const Entry& entry : entries_) {
    const auto argument = match(entry, request.path);
    if (!argument) continue;
    found.pattern = entry.route.pattern;
    if (!serves(entry.route, request.method)) continue;
    found.route = &entry.route;
    found.argument = *argument;
    break;
  }
  return found;
}

awaitable<Handled> Router::handle(Request request) {
  Handled handled;
  const Found found = find(request);
  handled.route = found.pattern;
  Eventual<Admission> guarded = guard_(request);
  Admission admission;
  if (guarded.result() != nullptr) {
    admission = std::move(*guarded.result());
  } else {
    admission = co_await guarded.coming();
  }
  handled.user = std::move(admission.user);
  if (admission.refusal) {
    handled.response = std::move(*admission.refusal);
    handled.close = admission.close;
    co_return handled;
  }
  if (found.route == nullptr) {
    handled.response = no_route(request.path);
    co_return handled;
  }
  if (auto refusal = check_body(*found.route, *request.body)) {
    handled.response = std::move(*refusal);
    co_return handled;
  }
  request.argument = found.argument;
  // The admission owns the caller until the endpoint has answered.
  request.caller = admission.caller.get();
  Eventual<Response> answered = found.route->endpoint(request);
  if (answered.result() != nullptr) {
    handled.response = std::move(*answered.result());
  } else {
    handled.response = co_await answered.coming();
  }
  co_return handled;
}

std::vector<std::string_view> Router::routes() const {
  std::vector<std::string_view> patterns;
  for (const Entry& entry : entries_) {
    const std::string_view pattern = entry.route.pattern;
    if (std::find(patterns.begin(), patterns.end(), pattern) == patterns.end()) {
      patterns.push_back(pattern);
    }
  }
  return patterns;
}

/// The answer where the path is of no route, or only of others than the method's.
Response Router::no_route(std::string_view path) const {
  std::vector<std::string> methods;
  for (const Entry& entry : entries_) {
    if (match(entry, path)) methods.push_back(entry.route.method);
  }
  if (!methods.empty()) return method_not_allowed(std::move(methods));
  return text_response(kNotFound, "there is nothing at this path");
}

}  // namespace fuota::server::http
