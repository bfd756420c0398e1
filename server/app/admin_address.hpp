#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "server/app/metrics.hpp"
#include "server/app/readiness.hpp"
#include "server/http/server.hpp"

namespace fuota::server::app {

/// What the pages of the admin address show. All of it outlives the address.
struct AdminSources {
  const Metrics& metrics;
  Readiness& readiness;
  http::Server& server;  ///< The one whose threads /healthz asks.
  std::function<Gauges()> gauges;
};

/// /metrics, /healthz and /readyz, for whoever reaches the address: there are no credentials. They
/// tell of no device and no file, and change nothing.
[[nodiscard]] std::unique_ptr<http::Handler> make_admin_pages(AdminSources sources);

/// Serves the pages over TLS on a thread of its own, so that they answer while the server's threads
/// are busy, and until all of them have stopped.
class AdminAddress {
 public:
  /// Listens and serves until it is destroyed. `log` outlives it. Outcomes: the address, or one
  /// line that says what to do.
  [[nodiscard]] static boost::system::result<std::unique_ptr<AdminAddress>, std::string> open(
      boost::asio::ip::tcp::endpoint listen, http::TlsContext tls, AdminSources sources,
      http::Observer& log);

  AdminAddress(const AdminAddress&) = delete;
  AdminAddress& operator=(const AdminAddress&) = delete;
  ~AdminAddress();

  /// Where it listens, with the port that it got.
  [[nodiscard]] boost::asio::ip::tcp::endpoint address() const { return server_->address(); }

 private:
  class Events;
  AdminAddress(AdminSources sources, http::Observer& log);

  std::unique_ptr<Events> events_;
  std::unique_ptr<http::Handler> pages_;
  std::unique_ptr<http::Server> server_;
  std::jthread thread_;
};

}  // namespace fuota::server::app
