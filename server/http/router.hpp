#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/eventual.hpp"
#include "server/http/handler.hpp"

namespace fuota::server::http {

/// Answers the requests of one route. Where it returns a coroutine, that owns its parameters.
using Endpoint = std::function<Eventual<Response>(const Request&)>;

/// Which requests go where.
struct Route {
  std::string method;   ///< "GET" serves HEAD as well.
  std::string pattern;  ///< A path; one segment may be "{}", which stands for any segment.
  Endpoint endpoint;

  /// For a method with a body, the greatest length of it: a longer one is answered 413, and one
  /// that the request doesn't declare 411. Without, a request that declares a body is answered
  /// 413.
  std::optional<std::uint64_t> body_bytes_max;
};

/// What a guard says about a request.
struct Admission {
  std::optional<Response> refusal;  ///< The answer to a request that goes no further.
  bool close = false;               ///< The connection ends with that answer.
  std::string user;                 ///< Who asks, if known, for the log.

  /// Who asks, for the endpoint (Request::caller).
  std::shared_ptr<const Caller> caller;
};

/// Looks at every request before any route does, so that nothing can be learned without its leave.
/// The request stays valid until the call completes.
using Guard = std::function<Eventual<Admission>(const Request&)>;

/// Finds the route of a request by its path and method: 404 for a path that no route has, 405 with
/// Allow for another method.
class Router final : public Handler {
 public:
  Router(std::vector<Route> routes, Guard guard);

  [[nodiscard]] boost::asio::awaitable<Handled> handle(Request request) override;
  [[nodiscard]] std::vector<std::string_view> routes() const override;

 private:
  /// A route, and its pattern around "{}".
  struct Entry {
    Route route;
    std::string prefix;
    std::string suffix;
    bool has_argument = false;
  };

  struct Found {
    std::string_view pattern;      ///< The one that the path is of; empty if none.
    const Route* route = nullptr;  ///< Null when none is for the path and the method.
    std::string_view argument;
  };

  [[nodiscard]] static std::optional<std::string_view> match(const Entry& entry,
                                                             std::string_view path);
  [[nodiscard]] Found find(const Request& request) const;
  [[nodiscard]] Response no_route(std::string_view path) const;

  std::vector<Entry> entries_;
  Guard guard_;
};

}  // namespace fuota::server::http
