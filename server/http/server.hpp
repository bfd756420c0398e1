#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "server/http/handler.hpp"
#include "server/http/limits.hpp"
#include "server/http/observer.hpp"
#include "server/http/tls_context.hpp"

namespace fuota::server::http {

/// What `Server` needs to know.
struct ServerSettings {
  boost::asio::ip::tcp::endpoint listen;  ///< Port 0: any free one.
  std::size_t threads = 1;                ///< At least 1: one per core.
  Limits limits;
};

/// An HTTPS server: a listening socket and a thread per core.
///
/// One thread accepts, and gives each connection to the thread that has the fewest; there it stays.
/// That spreads a few long downloads as evenly as many short checks, which a listening socket per
/// thread (SO_REUSEPORT) does not, and the hand-over costs a hundredth of the handshake that
/// follows. It also leaves one place that counts connections, stops accepting and pauses.
class Server {
 public:
  /// Binds the address and listens; nothing is accepted before `run`. `handler` and `observer`
  /// outlive the server. Outcomes: the server, or one line that says what to do.
  [[nodiscard]] static boost::system::result<std::unique_ptr<Server>, std::string> create(
      ServerSettings settings, TlsContext tls, Handler& handler, Observer& observer);

  virtual ~Server() = default;

  /// Where it listens, with the port that it got.
  [[nodiscard]] virtual boost::asio::ip::tcp::endpoint address() const = 0;

  /// How many of its threads don't answer within `patience`: 0 while all of them turn over their
  /// connections, and at once when they do. Any thread; resumes on the caller's executor.
  [[nodiscard]] virtual boost::asio::awaitable<std::size_t> silent_threads(
      std::chrono::milliseconds patience) = 0;

  /// Serves. Returns after `stop`, when the last connection has ended.
  virtual void run() = 0;

  /// Stops accepting, lets the requests that are being answered end within `grace`, then breaks
  /// off those that haven't. Any thread, and more than once: the shortest grace counts.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace fuota::server::http
