#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/deadline_sweep.hpp"
#include "server/http/tls_context.hpp"

namespace fuota::server::http {

/// Gives memory as `new` does. (Asio takes std::allocator as leave to give a larger block that was
/// used before.)
template <typename T>
struct ExactAllocator {
  using value_type = T;

  ExactAllocator() = default;
  template <typename Other>
  explicit ExactAllocator(const ExactAllocator<Other>&) {}

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) { std::allocator<T>().deallocate(memory, count); }

  bool operator==(const ExactAllocator&) const = default;
};

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
/// that it can't go on. So data is copied once, and an idle connection holds no buffer. What
/// OpenSSL needs is made when the handshake begins.
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

  /// Whether OpenSSL has received more than was read.
  [[nodiscard]] bool has_input() const;

  /// Waits until the client has sent something, or has gone, until `deadline`. Calls `handler` with
  /// a StreamStatus on the thread of the socket, and never before it returns. No coroutine: while a
  /// connection is idle, there is nothing in memory for this but `handler`, which may own the
  /// stream.
  template <typename Handler>
  void async_wait_readable(TimePoint deadline, Handler handler);

  /// Reads at least one byte into `destination`, which is not empty, until `deadline`.
  [[nodiscard]] boost::asio::awaitable<StreamRead> read_some(std::span<char> destination,
                                                             TimePoint deadline);

  /// Writes all of `source`, until `deadline`.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> write(std::string_view source,
                                                           TimePoint deadline);

  /// Does nothing until `time`. Ends early only in `failed`.
  [[nodiscard]] boost::asio::awaitable<StreamStatus> pause(TimePoint time);

  /// Closes the connection as TLS says, unless the client has closed all of it before. When
  /// `unread` says that the client may still be sending, what it sends is thrown away until it
  /// stops or `deadline` has passed: closing at once would reset the connection, and the client
  /// would lose the answer.
  [[nodiscard]] boost::asio::awaitable<void> close(bool unread, TimePoint deadline);

  /// Ends an `async_wait_readable` that is in progress, or the next one, with `timed_out`.
  void interrupt();

  /// Ends the operation in progress and all later ones with `failed`.
  void abort();

  /// The name of the client as Request::client_name says; empty once its certificate has run out or
  /// isn't trusted any more by the context, which may have been reloaded. Called after the
  /// handshake.
  [[nodiscard]] std::string client_name() const;

  /// Why the last operation failed, for the log.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  enum class Wanted { nothing, readable, writable };

  void expire() override;
  void cancel();
  void begin_tls();
  void begin_wait(Wanted wanted, TimePoint deadline);
  [[nodiscard]] StreamStatus end_wait(const boost::system::error_code& error);
  [[nodiscard]] boost::asio::awaitable<StreamStatus> wait(Wanted wanted, TimePoint deadline);
  [[nodiscard]] Wanted classify(int result, StreamStatus& status);
  [[nodiscard]] bool closed_by_client();
  [[nodiscard]] boost::asio::awaitable<void> discard_input(TimePoint deadline);

  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  boost::asio::ip::tcp::socket socket_;
  const TlsContext& context_;
  std::unique_ptr<ssl_st, Free> ssl_;           ///< From the begin of the handshake on.
  boost::asio::steady_timer* pause_ = nullptr;  ///< While it pauses.
  std::string failure_;
  bool handshaken_ = false;
  bool broken_ = false;
  bool expired_ = false;
  bool waits_for_client_ = false;  ///< In a wait: for bytes of the client's.
};

template <typename Handler>
void TlsStream::async_wait_readable(TimePoint deadline, Handler handler) {
  begin_wait(Wanted::readable, deadline);
  // The block for this is held for as long as the connection is idle.
  socket_.async_wait(
      boost::asio::ip::tcp::socket::wait_read,
      boost::asio::bind_allocator(
          ExactAllocator<char>(),
          [this, handler = std::move(handler)](const boost::system::error_code& error) mutable {
            handler(end_wait(error));
          }));
  if (broken_ || expired_) cancel();
}

}  // namespace fuota::server::http
