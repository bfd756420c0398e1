#include "server/http/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "server/http/incoming_body.hpp"
#include "server/http/peer_text.hpp"
#include "server/http/request_target.hpp"

namespace fuota::server::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::milliseconds;

constexpr unsigned kBadRequest = 400;
constexpr unsigned kRequestTimeout = 408;
constexpr unsigned kContentTooLarge = 413;
constexpr unsigned kInternalServerError = 500;

/// What the client gets when its body could not be read.
Response body_failure_response(BodyStatus status) {
  switch (status) {
    case BodyStatus::too_large:
      return text_response(kContentTooLarge, "the body is too long");
    case BodyStatus::too_slow:
      return text_response(kRequestTimeout, "the body came too slowly");
    case BodyStatus::cut_short:
      return text_response(kBadRequest, "the body is shorter than announced");
    case BodyStatus::malformed:
    case BodyStatus::data:
    case BodyStatus::end:
      break;
  }
  return text_response(kBadRequest, "the body is not in valid chunks");
}

/// What a socket that takes both kinds of addresses gives as ::ffff:192.0.2.1 is 192.0.2.1.
asio::ip::tcp::endpoint unmapped(const asio::ip::tcp::endpoint& peer) {
  const asio::ip::address address = peer.address();
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return peer;
  return {asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()), peer.port()};
}

std::chrono::microseconds since(TlsStream::TimePoint begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Deadline::Clock::now() - begun);
}

/// Tells that a file is being sent, as long as it lives.
class FileNotice {
 public:
  FileNotice(Observer& observer, const Response& response, const RequestHead& head)
      : observer_(observer),
        told_(std::holds_alternative<BodyFile>(response.body) && head.method != "HEAD") {
    if (told_) observer_.on_connection(ConnectionEvent::file_begun);
  }
  FileNotice(const FileNotice&) = delete;
  FileNotice& operator=(const FileNotice&) = delete;
  ~FileNotice() {
    if (told_) observer_.on_connection(ConnectionEvent::file_ended);
  }

 private:
  Observer& observer_;
  const bool told_;
};

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, asio::ip::tcp::endpoint peer,
                       const ConnectionScope& scope)
    : stream_(std::move(socket), scope.tls, scope.sweep), peer_(unmapped(peer)), scope_(scope) {}

awaitable<std::unique_ptr<Connection>> Connection::serve(std::unique_ptr<Connection> connection,
                                                         StreamStatus waited) {
  bool waits_again = false;
  try {
    waits_again = co_await connection->go_on(waited);
  } catch (const std::exception& exception) {
    // Want of memory, in all likelihood: this client loses its connection, the others don't.
    connection->scope_.observer.on_event(
        Severity::error,
        "connection of " + connection->peer_text() + " given up: " + exception.what());
  }
  if (!waits_again) connection.reset();
  co_return std::move(connection);
}

void Connection::drain() {
  draining_ = true;
  switch (phase_) {
    case Phase::handshake:
      stream_.abort();
      return;
    case Phase::before_first_request:
    case Phase::between_requests:
      stream_.interrupt();
      return;
    case Phase::in_request:
      return;
  }
}

void Connection::close_if_idle() {
  if (idle()) stream_.interrupt();
}

void Connection::abort() {
  draining_ = true;
  stream_.abort();
}

milliseconds Connection::patience() const {
  switch (phase_) {
    case Phase::handshake:
      return scope_.limits.handshake_deadline;
    case Phase::before_first_request:
      return scope_.limits.header_deadline;
    case Phase::in_request:
    case Phase::between_requests:
      break;
  }
  return scope_.limits.idle_deadline;
}

void Connection::begin_waiting(Phase phase) {
  phase_ = phase;
  waiting_since_ = Deadline::Clock::now();
}

/// True when it has come to where it waits for the client again.
awaitable<bool> Connection::go_on(StreamStatus waited) {
  if (phase_ == Phase::handshake) {
    if (!co_await shake_hands(waited)) co_return false;
    begin_waiting(Phase::before_first_request);
    if (!stream_.has_input()) co_return true;
  }
  while (waited == StreamStatus::ok) {
    const auto begun =
        phase_ == Phase::before_first_request ? waiting_since_ : Deadline::Clock::now();
    header_deadline_ = begun + scope_.limits.header_deadline;
    if (!co_await serve_requests()) break;
    begin_waiting(Phase::between_requests);
    if (!stream_.has_input()) co_return true;
  }
  co_await stream_.close(unread_input_, Deadline::Clock::now() + scope_.limits.linger_deadline);
  co_return false;
}

/// `waited` is how the wait for the first bytes of the handshake ended.
awaitable<bool> Connection::shake_hands(StreamStatus waited) {
  StreamStatus status = waited;
  if (status == StreamStatus::ok) {
    status = co_await stream_.handshake(waiting_since_ + scope_.limits.handshake_deadline);
  }
  auto outcome = HandshakeOutcome::failed;
  if (status == StreamStatus::ok) {
    outcome = stream_.resumed() ? HandshakeOutcome::resumed : HandshakeOutcome::full;
    client_name_ = stream_.client_name();
  } else {
    scope_.observer.on_event(Severity::debug,
                             "TLS handshake with " + peer_text() + " failed: " + stream_.failure());
  }
  scope_.observer.on_handshake(outcome, since(waiting_since_));
  co_return status == StreamStatus::ok;
}

/// Serves requests for as long as they follow each other without a pause. False when the
/// connection is to be closed.
awaitable<bool> Connection::serve_requests() {
  ReceiveBuffer buffer(scope_.limits.header_bytes_max + kProgressBytes);
  for (;;) {
    if (!co_await serve_request(buffer)) co_return false;
    if (buffer.unread().empty()) co_return !draining_;
    // Other connections get their turn between two requests of this one.
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    header_deadline_ = Deadline::Clock::now() + scope_.limits.header_deadline;
  }
}

awaitable<bool> Connection::serve_request(ReceiveBuffer& buffer) {
  const auto begun = Deadline::Clock::now();
  RequestParser parser(scope_.limits.header_bytes_max);
  HeadParse parse = co_await receive_head(buffer, parser);
  if (parse.status == HeadStatus::complete) {
    buffer.consume(parse.head_bytes);
    buffer.pin();
    const bool keep_alive = co_await answer(buffer, parser, begun);
    buffer.unpin();
    co_return keep_alive;
  }
  if (parse.status == HeadStatus::rejected) {
    const bool known = !parser.head().method.empty();
    const RequestHead head = known ? parser.head() : glimpse_head(buffer.unread());
    co_await refuse(head, std::move(parse.rejection), begun);
  }
  co_return false;
}

/// Receives a whole header. `need_more` means that the client went away before there was one.
awaitable<HeadParse> Connection::receive_head(ReceiveBuffer& buffer, RequestParser& parser) {
  HeadParse parse = parser.parse_head(buffer.unread());
  while (parse.status == HeadStatus::need_more) {
    const StreamRead received = co_await stream_.read_some(buffer.room(), header_deadline_);
    // A client that has sent nothing was waking up the socket by chance, and gets no answer.
    if (received.status == StreamStatus::timed_out && !buffer.unread().empty()) {
      parse.status = HeadStatus::rejected;
      parse.rejection = Rejection{kRequestTimeout, "the header came too slowly"};
      break;
    }
    if (received.status != StreamStatus::ok) break;
    phase_ = Phase::in_request;
    buffer.received(received.bytes);
    parse = parser.parse_head(buffer.unread());
  }
  co_return parse;
}

/// Answers a request whose header is complete. False when the connection is to be closed.
awaitable<bool> Connection::answer(ReceiveBuffer& buffer, RequestParser& parser,
                                   TlsStream::TimePoint begun) {
  const RequestHead& head = parser.head();
  const auto target = split_target(head.target);
  if (!target) {
    Rejection rejection{kBadRequest, "the request target is not a path"};
    co_await refuse(head, std::move(rejection), begun);
    co_return false;
  }
  IncomingBody body(stream_, buffer, parser, scope_.limits);
  Request request;
  request.method = head.method;
  request.path = target->path;
  request.query = target->query;
  request.authorization = head.authorization;
  request.accept = head.accept;
  request.body = &body;
  const PeerText peer(peer_);
  request.peer_address = peer.address();
  // Trust may have ended since the handshake.
  if (!client_name_.empty()) client_name_ = stream_.client_name();
  request.client_name = client_name_;
  Handled handled = co_await ask_handler(request);
  if (body.failure()) handled.response = body_failure_response(*body.failure());

  const bool discard = body.unread() && body.discardable();
  const bool wanted =
      head.keep_alive && !handled.close && !draining_ && (discard || !body.unread());
  const FileNotice file(scope_.observer, handled.response, head);
  const Sent sent =
      co_await send_response(stream_, std::move(handled.response), &head, wanted, scope_.sending);
  report(head, {sent, handled.user, handled.route, body.bytes_read()}, begun);
  unread_input_ = body.unread() && !sent.keep_alive;
  if (!sent.keep_alive) co_return false;
  if (!co_await body.discard()) co_return false;
  co_return !draining_;
}

awaitable<Handled> Connection::ask_handler(Request request) {
  try {
    co_return co_await scope_.handler.handle(request);
  } catch (const std::exception& exception) {
    scope_.observer.on_event(Severity::error,
                             std::string("a request could not be answered: ") + exception.what());
  }
  Handled handled;
  handled.response = text_response(kInternalServerError, "the server failed; see its log");
  co_return handled;
}

/// Answers what is not a request that can be served; the connection is closed afterwards. `head` is
/// what could be read of it.
awaitable<void> Connection::refuse(const RequestHead& head, Rejection rejection,
                                   TlsStream::TimePoint begun) {
  unread_input_ = true;
  const Sent sent =
      co_await send_response(stream_, text_response(rejection.status, std::move(rejection.reason)),
                             nullptr, false, scope_.sending);
  report(head, {sent, {}, {}, 0}, begun);
}

void Connection::report(const RequestHead& head, const Answered& answered,
                        TlsStream::TimePoint begun) const {
  AccessRecord record;
  record.method = head.method;
  record.target = head.target;
  record.route = answered.route;
  record.status = answered.sent.status;
  record.body_bytes = answered.sent.body_bytes;
  record.received_bytes = answered.received_bytes;
  record.complete = answered.sent.complete;
  record.duration = since(begun);
  const PeerText peer(peer_);
  record.peer = peer.with_port();
  record.user = answered.user;
  scope_.observer.on_request(record);
  scope_.turn.request_told();
}

std::string Connection::peer_text() const {
  return std::string(PeerText(peer_).with_port());
}

}  // namespace fuota::server::http
