#include "server/http/incoming_body.hpp"

#include <string_view>

namespace fuota::server::http {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// The piece in which a body that nobody wants is read.
constexpr std::size_t kDiscardBytes = 4096;

}  // namespace

IncomingBody::IncomingBody(TlsStream& stream, ReceiveBuffer& buffer, RequestParser& parser,
                           const Limits& limits)
    : stream_(stream),
      buffer_(buffer),
      parser_(parser),
      limits_(limits),
      left_(parser.head().content_length.value_or(0)),
      deadline_(Deadline::Clock::now() + limits.body_deadline) {}

bool IncomingBody::declared() const {
  return parser_.head().content_length.has_value() || parser_.head().chunked;
}

bool IncomingBody::limit(std::uint64_t bytes_max) {
  parser_.limit_chunked_body(bytes_max);
  return left_ <= bytes_max;
}

awaitable<BodyRead> IncomingBody::read(std::span<char> destination) {
  if (failure_) co_return fail(*failure_);
  if (!begun_) {
    begun_ = true;
    deadline_ = Deadline::Clock::now() + limits_.body_deadline;
    // A client whose body is on its way already needs no answer (RFC 9110 section 10.1.1).
    if (parser_.head().expects_continue && unread() && buffer_.unread().empty()) {
      const auto status = co_await stream_.write(kContinue, deadline_);
      if (status != StreamStatus::ok) co_return fail(BodyStatus::cut_short);
    }
  }
  while (unread()) {
    if (buffer_.unread().empty()) {
      if (!co_await receive()) co_return fail(*failure_);
    }
    const BodyParse step = parser_.parse_body(buffer_.unread(), destination);
    buffer_.consume(step.consumed);
    if (step.status == BodyParseStatus::too_large) co_return fail(BodyStatus::too_large);
    if (step.status == BodyParseStatus::malformed) co_return fail(BodyStatus::malformed);
    if (step.produced > 0) {
      count(step.produced);
      BodyRead read;
      read.status = BodyStatus::data;
      read.bytes = step.produced;
      co_return read;
    }
    if (step.status == BodyParseStatus::need_more) {
      if (!co_await receive()) co_return fail(*failure_);
    }
  }
  co_return BodyRead{};
}

bool IncomingBody::discardable() const {
  const bool may_not_come = parser_.head().expects_continue && !begun_;
  return !failure_ && !may_not_come && parser_.head().content_length &&
         left_ <= kDiscardedBodyBytesMax;
}

awaitable<bool> IncomingBody::discard() {
  char piece[kDiscardBytes];
  while (unread()) {
    const BodyRead step = co_await read(piece);
    if (step.status != BodyStatus::data && step.status != BodyStatus::end) co_return false;
  }
  co_return true;
}

BodyRead IncomingBody::fail(BodyStatus status) {
  failure_ = status;
  BodyRead read;
  read.status = status;
  return read;
}

/// Takes what the stream has behind the unread bytes. False, with the failure set, when nothing
/// more comes, or when a chunk's header or the fields behind the chunks fill the whole buffer.
awaitable<bool> IncomingBody::receive() {
  const std::span<char> room = buffer_.room();
  if (room.empty()) {
    failure_ = BodyStatus::malformed;
    co_return false;
  }
  const StreamRead received = co_await stream_.read_some(room, deadline_);
  if (received.status == StreamStatus::ok) {
    buffer_.received(received.bytes);
    co_return true;
  }
  failure_ =
      received.status == StreamStatus::timed_out ? BodyStatus::too_slow : BodyStatus::cut_short;
  co_return false;
}

/// Counts bytes of the body, and sets a new deadline for each kProgressBytes.
void IncomingBody::count(std::size_t bytes) {
  bytes_read_ += bytes;
  if (left_ > 0) left_ -= bytes;
  if (bytes < until_progress_) {
    until_progress_ -= bytes;
    return;
  }
  until_progress_ = kProgressBytes;
  deadline_ = Deadline::Clock::now() + limits_.body_deadline;
}

}  // namespace fuota::server::http
