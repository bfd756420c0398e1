#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/http/request.hpp"
#include "server/http/response.hpp"

namespace fuota::server::http {

/// What a handler gives back: the answer, and what it found out for the log.
struct Handled {
  Response response;
  std::string user;
  bool close = false;  ///< The connection ends with this answer, whatever the client wants.

  /// The pattern that the path is of; empty if none. Valid as long as the handler.
  std::string_view route;
};

/// Answers requests. Called from all the server's threads at once; outlives the server.
class Handler {
 public:
  virtual ~Handler() = default;

  /// Answers one request. Resumes on the executor of its caller; throws nothing but for want of
  /// memory, upon which the client gets a 500.
  [[nodiscard]] virtual boost::asio::awaitable<Handled> handle(Request request) = 0;

  /// Every pattern that Handled::route may name, each once.
  [[nodiscard]] virtual std::vector<std::string_view> routes() const { return {}; }
};

}  // namespace fuota::server::http
