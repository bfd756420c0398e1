#include "cli/fleet_stream.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace fuota::cli {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using tcp = asio::ip::tcp;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr char kSlow[] = "nothing came within the time of --timeout";

int clamped(std::size_t bytes) {
  return static_cast<int>(
      std::min(bytes, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

FleetFailure closed(FleetError error) {
  return {error, "closed by the server"};
}

/// What this machine lacks is told from what the server refuses.
FleetFailure connect_failure(const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  if (error == errc::address_not_available) {
    return {FleetError::local,
            "no port is left to connect from: add addresses of this machine with --source"};
  }
  if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system) {
    return {FleetError::local, "no file descriptor is left: lower --concurrency or --rate"};
  }
  return {FleetError::connect, error.message()};
}

}  // namespace

FleetStream::FleetStream(asio::io_context& context, FleetDeadlines& deadlines) : socket_(context) {
  deadlines.add(*this);
}

FleetStream::~FleetStream() = default;

FleetStream::Outcome FleetStream::open(const FleetRoute& route) {
  boost::system::error_code error;
  socket_.open(route.server.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  // Without this, a request would wait for the acknowledgement of the handshake's last message.
  if (!error) socket_.set_option(tcp::no_delay(true), error);
  if (!error && route.receive_buffer_bytes) {
    socket_.set_option(asio::socket_base::receive_buffer_size(*route.receive_buffer_bytes), error);
  }
  if (!error && route.source) {
    // The port is chosen when the connection is made, so that one port serves for several servers.
    const int on = 1;
    ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    socket_.bind(tcp::endpoint(*route.source, 0), error);
  }
  if (error) return connect_failure(error);
  return std::nullopt;
}

awaitable<FleetStream::Outcome> FleetStream::connect(FleetRoute route, TimePoint deadline) {
  if (auto failure = open(route)) co_return failure;
  FleetDeadline::set(deadline);
  const auto [error] = co_await socket_.async_connect(route.server, kAsTuple);
  FleetDeadline::clear();
  if (std::exchange(expired_, false)) {
    co_return FleetFailure{FleetError::timeout, "no connection within the time of --timeout"};
  }
  if (error) co_return connect_failure(error);
  co_return std::nullopt;
}

awaitable<FleetStream::Outcome> FleetStream::handshake(const FleetTls& tls, TlsSession& session,
                                                       bool resume, TimePoint deadline) {
  tls_ = tls.connection(static_cast<int>(socket_.native_handle()), session, resume);
  if (!tls_) co_return FleetFailure{FleetError::local, "there is no memory for a TLS connection"};
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(tls_.get());
    if (result == 1) break;
    Outcome outcome;
    const Wanted wanted = classify(result, FleetError::handshake, outcome);
    if (wanted == Wanted::nothing) co_return outcome.value_or(closed(FleetError::handshake));
    if (co_await wait(wanted, deadline) != Waited::ready) {
      co_return FleetFailure{FleetError::timeout, "no TLS session within the time of --timeout"};
    }
  }
  established_ = true;
  co_return std::nullopt;
}

bool FleetStream::resumed() const {
  return SSL_session_reused(tls_.get()) == 1;
}

awaitable<FleetStream::Outcome> FleetStream::write(std::string_view source, TimePoint deadline) {
  while (!source.empty()) {
    ERR_clear_error();
    const int result = SSL_write(tls_.get(), source.data(), clamped(source.size()));
    if (result > 0) {
      source.remove_prefix(static_cast<std::size_t>(result));
      continue;
    }
    Outcome outcome;
    const Wanted wanted = classify(result, FleetError::lost, outcome);
    if (wanted == Wanted::nothing) co_return outcome.value_or(closed(FleetError::lost));
    if (co_await wait(wanted, deadline) != Waited::ready) {
      co_return FleetFailure{FleetError::timeout, kSlow};
    }
  }
  co_return std::nullopt;
}

awaitable<FleetStream::Outcome> FleetStream::read_some(std::span<char> destination,
                                                       std::size_t& bytes, TimePoint deadline) {
  bytes = 0;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_read(tls_.get(), destination.data(), clamped(destination.size()));
    if (result > 0) {
      bytes = static_cast<std::size_t>(result);
      co_return std::nullopt;
    }
    Outcome outcome;
    const Wanted wanted = classify(result, FleetError::lost, outcome);
    if (wanted == Wanted::nothing) co_return outcome;
    if (co_await wait(wanted, deadline) != Waited::ready) {
      co_return FleetFailure{FleetError::timeout, kSlow};
    }
  }
}

awaitable<FleetStream::Outcome> FleetStream::hold(TimePoint deadline) {
  const Waited waited = co_await wait(Wanted::readable, deadline);
  if (waited == Waited::timed_out) co_return std::nullopt;
  co_return FleetFailure{FleetError::lost,
                         "the server closed an idle connection: raise its --idle-deadline"};
}

void FleetStream::interrupt() {
  expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void FleetStream::close() {
  if (established_) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

awaitable<FleetStream::Waited> FleetStream::wait(Wanted wanted, TimePoint deadline) {
  FleetDeadline::set(deadline);
  const auto kind = wanted == Wanted::readable ? tcp::socket::wait_read : tcp::socket::wait_write;
  const auto [error] = co_await socket_.async_wait(kind, kAsTuple);
  FleetDeadline::clear();
  if (std::exchange(expired_, false)) co_return Waited::timed_out;
  co_return error ? Waited::failed : Waited::ready;
}

/// What to wait for before the attempt that gave `result` is repeated; if nothing, `outcome` says
/// how it ended, which is no failure at the end of what the server sends.
FleetStream::Wanted FleetStream::classify(int result, FleetError error, Outcome& outcome) {
  const int system_error = errno;
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Wanted::readable;
    case SSL_ERROR_WANT_WRITE:
      return Wanted::writable;
    case SSL_ERROR_ZERO_RETURN:
      outcome = std::nullopt;
      break;
    case SSL_ERROR_SYSCALL:
      outcome = system_error == 0
                    ? closed(error)
                    : FleetFailure{error, std::generic_category().message(system_error)};
      break;
    default: {
      const long verified = SSL_get_verify_result(tls_.get());
      const char* reason = verified == X509_V_OK ? ERR_reason_error_string(ERR_peek_error())
                                                 : X509_verify_cert_error_string(verified);
      outcome = FleetFailure{error, reason == nullptr ? "TLS failure" : reason};
      break;
    }
  }
  ERR_clear_error();
  established_ = false;  // No goodbye is owed to a broken connection, and OpenSSL forbids one.
  return Wanted::nothing;
}

}  // namespace fuota::cli
