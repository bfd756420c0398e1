#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/http/deadline_sweep.hpp"
#include "server/http/tls_context.hpp"

namespace fuota::server::http {

/// How an operation on a stream ended.
enum class StreamStatus {
  ok,
  end,        ///< The client has closed its side as TLS says.
  timed_out,  ///< The deadline has passed.
  failed,     ///< The connection broke, broke the rules of TLS, or was aborted.
};

struct StreamRead {
  StreamStatus status = StreamStatus::failed;
  std::size_t bytes = 0;
};

/// The server's side of one TLS connection, straight over the readiness of its socket: OpenSSL
/// reads and writes the socket itself (SSL_set_fd), and a coroutine waits only when OpenSSL says
/// that it can't go on. So data is copied once, and an idle connection holds no buffer.
///
/// One operation at a time, all on the thread of the socket's executor. After a failed operation,
/// and after a handshake or write that timed out, all later ones end in `failed`. Spans stay valid
/// until the call completes. SIGPIPE must be ignored by the process.
class TlsStream final : private Deadline {
 public:
  using TimePoint = Deadline::Clock::time_point;

  TlsStream(boost::asio::ip::tcp::socket socket, const TlsContext& context, DeadlineSweep& sweep);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  /// Answers the client's handshake, until `deadline`.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> handshake(TimePoint deadline);

  /// Whether a handshake that succeeded took up an earlier session.
  [[nodiscard]] bool resumed() const;

  /// Waits until there is something to read, or the end of it, until `deadline`. Needs no buffer.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> wait_readable(TimePoint deadline);

  /// Reads at least one byte into `destination`, which is not empty, until `deadline`.
  [[nodiscard]] boost::asio::awaitable<StreamRead> read_some(std::span<char> destination,
                                                             TimePoint deadline);

  /// Writes all of `source`, until `deadline`.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> write(std::string_view source,
                                                           TimePoint deadline);

  /// Does nothing until `time`. Ends early only in `failed`.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> pause(TimePoint time);

  /// Closes the connection as TLS says. When `unread` says that the client may still be sending,
  /// what it sends is thrown away until it stops or `deadline` has passed: closing at once would
  /// reset the connection, and the client would lose the answer.
  [[nodiscard]] boost::asio::awaitable<void> close(bool unread, TimePoint deadline);

  /// Ends a `wait_readable` in progress with `timed_out`.
  void interrupt();

  /// Ends the operation in progress and all later ones with `failed`.
  void abort();

  /// The name of the client as Request::client_name says; empty once its certificate has run out or
  /// isn't trusted by `context` any more, which may have been reloaded. Called after the handshake.
  [[nodiscard]] std::string client_name(const TlsContext& context) const;

  /// Why the last operation failed, for the log.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  enum class Wanted { nothing, readable, writable };

  void expire() override;
  [[nodiscard]] boost::asio::awaitable<StreamStatus> wait(Wanted wanted, TimePoint deadline);
  [[nodiscard]] Wanted classify(int result, StreamStatus& status);
  [[nodiscard]] boost::asio::awaitable<void> discard_input(TimePoint deadline);

  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ssl_st, Free> ssl_;
  boost::asio::steady_timer* pause_ = nullptr;  ///< While it pauses.
  std::string failure_;
  bool handshaken_ = false;
  bool broken_ = false;
  bool expired_ = false;
  bool waits_for_client_ = false;  ///< In `wait`: for bytes of the client's.
};

}  // namespace fuota::server::http
