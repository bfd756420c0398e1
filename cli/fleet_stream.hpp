#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/fleet_deadline.hpp"
#include "cli/fleet_tally.hpp"
#include "cli/fleet_tls.hpp"

namespace fuota::cli {

/// Where a connection goes, and from where.
struct FleetRoute {
  boost::asio::ip::tcp::endpoint server;
  std::optional<boost::asio::ip::address> source;
  std::optional<int> receive_buffer_bytes;  ///< small for a device that takes its download slowly
};

/// A device's side of one TLS connection, straight over the readiness of its socket, as the server
/// does it (docs/decisions/0005).
///
/// One operation at a time, all on the thread of the socket's executor, each until a deadline that
/// is noticed at most 0.1 s late. A result is what went wrong, nothing when all went well; after
/// one, the stream is only good for being destroyed. Spans stay valid until the call completes.
/// SIGPIPE must be ignored by the process.
class FleetStream final : private FleetDeadline {
 public:
  using TimePoint = FleetDeadline::Clock::time_point;
  using Outcome = std::optional<FleetFailure>;

  FleetStream(boost::asio::io_context& context, FleetDeadlines& deadlines);
  FleetStream(const FleetStream&) = delete;
  FleetStream& operator=(const FleetStream&) = delete;
  ~FleetStream() override;

  [[nodiscard]] boost::asio::awaitable<Outcome> connect(FleetRoute route, TimePoint deadline);

  /// As FleetTls::connection; `session` lives as long as the stream.
  [[nodiscard]] boost::asio::awaitable<Outcome> handshake(const FleetTls& tls, TlsSession& session,
                                                          bool resume, TimePoint deadline);

  /// Whether the handshake resumed a session.
  [[nodiscard]] bool resumed() const;

  [[nodiscard]] boost::asio::awaitable<Outcome> write(std::string_view source, TimePoint deadline);

  /// Reads at least one byte; `bytes` says how many, 0 at the end of what the server sends.
  [[nodiscard]] boost::asio::awaitable<Outcome> read_some(std::span<char> destination,
                                                          std::size_t& bytes, TimePoint deadline);

  /// Waits until `deadline` or `interrupt()`, holding the connection; what went wrong when the
  /// server sends something or closes before.
  [[nodiscard]] boost::asio::awaitable<Outcome> hold(TimePoint deadline);

  /// Ends the present wait, as if its deadline had passed.
  void interrupt();

  /// Says goodbye as TLS does, without waiting for an answer, as a device does.
  void close();

 private:
  enum class Wanted { nothing, readable, writable };
  enum class Waited { ready, timed_out, failed };

  void expire() override { interrupt(); }
  Outcome open(const FleetRoute& route);
  boost::asio::awaitable<Waited> wait(Wanted wanted, TimePoint deadline);
  Wanted classify(int result, FleetError error, Outcome& outcome);

  boost::asio::ip::tcp::socket socket_;
  TlsConnection tls_;
  bool expired_ = false;
  bool established_ = false;
};

}  // namespace fuota::cli
