#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <string>
#include <utility>

#include "server/http/handler.hpp"
#include "server/http/limits.hpp"
#include "server/http/observer.hpp"
#include "server/http/receive_buffer.hpp"
#include "server/http/request_parser.hpp"
#include "server/http/response_head.hpp"
#include "server/http/response_writer.hpp"
#include "server/http/tls_stream.hpp"
#include "server/http/turn.hpp"

namespace fuota::server::http {

class IncomingBody;

/// What the connections of one thread share. All of it outlives them.
struct ConnectionScope {
  const Limits& limits;
  const TlsContext& tls;
  Handler& handler;
  Observer& observer;
  Turn& turn;
  DeadlineSweep& sweep;
  SendingScope sending;
};

/// One client's connection, from the handshake to the end: answers its requests one after the
/// other. While it waits for the client it is nothing but this object and a handler; a coroutine
/// serves it when the client has sent something. All calls on the thread of the socket's executor.
class Connection : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, boost::asio::ip::tcp::endpoint peer,
             const ConnectionScope& scope);

  /// Waits for the client as long as it may take: for its handshake at first, for a request later.
  /// `handler`, which may own the connection, is called with what `serve` is to be told.
  template <typename Handler>
  void async_wait(Handler handler) {
    stream_.async_wait_readable(waiting_since_ + patience(), std::move(handler));
  }

  /// Goes on with the client after a wait that ended with `waited`. Gives the connection back when
  /// it waits for the client again; destroys it when one side is through, and gives nothing.
  [[nodiscard]] static boost::asio::awaitable<std::unique_ptr<Connection>> serve(
      std::unique_ptr<Connection> connection, StreamStatus waited);

  /// Whether it is between two requests, and since when.
  [[nodiscard]] bool idle() const { return phase_ == Phase::between_requests; }
  [[nodiscard]] TlsStream::TimePoint idle_since() const { return waiting_since_; }

  /// Lets a request of which a byte has come be answered, and then closes; without one, closes at
  /// once.
  void drain();

  /// Closes when between two requests.
  void close_if_idle();

  /// Breaks off whatever is going on.
  void abort();

 private:
  /// How far the client has come. A request begins with its first byte.
  enum class Phase { handshake, before_first_request, in_request, between_requests };

  /// What became of a request.
  struct Answered {
    const Sent& sent;
    std::string_view user;
    std::string_view route;
    std::uint64_t received_bytes = 0;
  };

  [[nodiscard]] std::chrono::milliseconds patience() const;
  void begin_waiting(Phase phase);
  [[nodiscard]] boost::asio::awaitable<bool> go_on(StreamStatus waited);
  [[nodiscard]] boost::asio::awaitable<bool> shake_hands(StreamStatus waited);
  [[nodiscard]] boost::asio::awaitable<bool> serve_requests();
  [[nodiscard]] boost::asio::awaitable<bool> serve_request(ReceiveBuffer& buffer);
  [[nodiscard]] boost::asio::awaitable<HeadParse> receive_head(ReceiveBuffer& buffer,
                                                               RequestParser& parser);
  [[nodiscard]] boost::asio::awaitable<bool> answer(ReceiveBuffer& buffer, RequestParser& parser,
                                                    TlsStream::TimePoint begun);
  [[nodiscard]] boost::asio::awaitable<Handled> ask_handler(Request request);
  [[nodiscard]] boost::asio::awaitable<void> refuse(const RequestHead& head, Rejection rejection,
                                                    TlsStream::TimePoint begun);
  void report(const RequestHead& head, const Answered& answered, TlsStream::TimePoint begun) const;
  [[nodiscard]] std::string peer_text() const;

  TlsStream stream_;
  boost::asio::ip::tcp::endpoint peer_;  ///< An IPv4 address mapped into IPv6 is IPv4 here.
  std::string client_name_;
  const ConnectionScope& scope_;
  TlsStream::TimePoint waiting_since_ = Deadline::Clock::now();
  TlsStream::TimePoint header_deadline_{};  ///< Of the request that comes next.
  Phase phase_ = Phase::handshake;
  bool draining_ = false;
  bool unread_input_ = false;
};

}  // namespace fuota::server::http
