#include "server/http/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <limits>
#include <new>
#include <system_error>
#include <utility>

#include "server/http/limits.hpp"

namespace fuota::server::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using tcp = asio::ip::tcp;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

int clamped(std::size_t bytes) {
  return static_cast<int>(
      std::min(bytes, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

/// OpenSSL tells from what is in the queue of errors how a call on a stream went. Clearing the
/// queue costs more than to look whether there is anything in it.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

/// The one common name of `subject`; empty when there is none or another one, or when it is none
/// that can be a client's.
std::string common_name(const X509_NAME* subject) {
  const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
  unsigned char* text = nullptr;
  const int bytes =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
  std::string name;
  if (bytes > 0 && clamped(kClientNameBytesMax) >= bytes) {
    name.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(bytes));
  }
  OPENSSL_free(text);
  return name.find('\0') == std::string::npos ? name : std::string();
}

/// Whether `context` trusts a client with this certificate, and with `chain` of those behind it.
bool is_trusted(X509* certificate, STACK_OF(X509) * chain, SSL_CTX* context) {
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> check(X509_STORE_CTX_new(),
                                                                         X509_STORE_CTX_free);
  const bool trusted =
      check &&
      X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), certificate, chain) == 1 &&
      X509_STORE_CTX_set_default(check.get(), "ssl_client") == 1 &&
      X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(check.get()), SSL_CTX_get0_param(context)) ==
          1 &&
      X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  return trusted;
}

}  // namespace

TlsStream::TlsStream(tcp::socket socket, const TlsContext& context, DeadlineSweep& sweep)
    : socket_(std::move(socket)), context_(context) {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  broken_ = error.failed();
  sweep.add(*this);
}

TlsStream::~TlsStream() = default;

void TlsStream::begin_tls() {
  ssl_.reset(SSL_new(context_.native().get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), static_cast<int>(socket_.native_handle())) != 1) {
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl_.get());
}

awaitable<StreamStatus> TlsStream::handshake(TimePoint deadline) {
  StreamStatus status = StreamStatus::failed;
  if (!broken_) begin_tls();
  while (!broken_) {
    forget_errors();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
      handshaken_ = true;
      co_return StreamStatus::ok;
    }
    const Wanted wanted = classify(result, status);
    if (wanted == Wanted::nothing) co_return status;
    status = co_await wait(wanted, deadline);
    if (status != StreamStatus::ok) break;
  }
  broken_ = true;
  co_return status;
}

bool TlsStream::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

bool TlsStream::has_input() const {
  return SSL_has_pending(ssl_.get()) == 1;
}

awaitable<StreamRead> TlsStream::read_some(std::span<char> destination, TimePoint deadline) {
  StreamRead read;
  while (!broken_) {
    forget_errors();
    const int result = SSL_read(ssl_.get(), destination.data(), clamped(destination.size()));
    if (result > 0) {
      read.status = StreamStatus::ok;
      read.bytes = static_cast<std::size_t>(result);
      co_return read;
    }
    const Wanted wanted = classify(result, read.status);
    if (wanted == Wanted::nothing) co_return read;
    read.status = co_await wait(wanted, deadline);
    if (read.status != StreamStatus::ok) co_return read;
  }
  read.status = StreamStatus::failed;
  co_return read;
}

awaitable<StreamStatus> TlsStream::write(std::string_view source, TimePoint deadline) {
  while (!source.empty()) {
    if (broken_) co_return StreamStatus::failed;
    forget_errors();
    const int result = SSL_write(ssl_.get(), source.data(), clamped(source.size()));
    if (result > 0) {
      source = source.substr(static_cast<std::size_t>(result));
      continue;
    }
    StreamStatus status = StreamStatus::failed;
    const Wanted wanted = classify(result, status);
    if (wanted == Wanted::nothing) co_return status;
    status = co_await wait(wanted, deadline);
    if (status != StreamStatus::ok) {
      // Half a record may have been sent: nothing else can follow it.
      broken_ = true;
      co_return status;
    }
  }
  co_return StreamStatus::ok;
}

awaitable<StreamStatus> TlsStream::pause(TimePoint time) {
  asio::steady_timer timer(socket_.get_executor(), time);
  pause_ = &timer;
  static_cast<void>(co_await timer.async_wait(kAsTuple));
  pause_ = nullptr;
  co_return broken_ ? StreamStatus::failed : StreamStatus::ok;
}

awaitable<void> TlsStream::close(bool unread, TimePoint deadline) {
  // Who has closed both TLS and its socket can't be told that we do, and the attempt would be
  // answered with a reset.
  if (!broken_ && handshaken_ && !closed_by_client()) {
    forget_errors();
    // One attempt: a client that doesn't take even this has no use for it.
    SSL_shutdown(ssl_.get());
    forget_errors();
    if (unread) {
      boost::system::error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      co_await discard_input(deadline);
    }
  }
  broken_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

/// Whether the client has ended TLS and closed its side of the socket.
bool TlsStream::closed_by_client() {
  if ((SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0) return false;
  char byte = 0;
  return ::recv(socket_.native_handle(), &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) == 0;
}

awaitable<void> TlsStream::discard_input(TimePoint deadline) {
  std::array<char, 4096> thrown_away;
  while (!broken_) {
    boost::system::error_code error;
    const std::size_t bytes = socket_.read_some(asio::buffer(thrown_away), error);
    if (bytes > 0) {
      if (Deadline::Clock::now() >= deadline) co_return;
      continue;
    }
    if (error != asio::error::would_block) co_return;
    if (co_await wait(Wanted::readable, deadline) != StreamStatus::ok) co_return;
  }
}

std::string TlsStream::client_name() const {
  // A resumed session brings the certificate and what was found about it along in its ticket.
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  const auto present = context_.native();
  // Who is trusted still is, where nothing else changed. A resumed session couldn't show it again:
  // it has the client's certificate alone, without those behind it.
  if (!trusts_the_same(*present, *SSL_get_SSL_CTX(ssl_.get())) &&
      !is_trusted(certificate, SSL_get_peer_cert_chain(ssl_.get()), present.get())) {
    return {};
  }
  // It may have run out since it was verified.
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) return {};
  return common_name(X509_get_subject_name(certificate));
}

void TlsStream::abort() {
  broken_ = true;
  if (pause_ != nullptr) pause_->cancel();
  cancel();
}

void TlsStream::interrupt() {
  expired_ = true;
  cancel();
}

void TlsStream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void TlsStream::expire() {
  boost::system::error_code error;
  if (waits_for_client_ && socket_.available(error) > 0 && !error) {
    // It has sent what it was waited for: the server has not come to it, which is no fault of the
    // client's.
    return;
  }
  interrupt();
}

awaitable<StreamStatus> TlsStream::wait(Wanted wanted, TimePoint deadline) {
  begin_wait(wanted, deadline);
  const auto kind = wanted == Wanted::readable ? tcp::socket::wait_read : tcp::socket::wait_write;
  const auto [error] = co_await socket_.async_wait(kind, kAsTuple);
  co_return end_wait(error);
}

void TlsStream::begin_wait(Wanted wanted, TimePoint deadline) {
  Deadline::set(deadline);
  waits_for_client_ = wanted == Wanted::readable;
}

/// How a wait ended of which Asio says `error`.
StreamStatus TlsStream::end_wait(const boost::system::error_code& error) {
  Deadline::clear();
  if (std::exchange(expired_, false)) {
    failure_ = "it took too long";
    return StreamStatus::timed_out;
  }
  if (broken_ || error) {
    broken_ = true;
    failure_ = error ? error.message() : "aborted";
    return StreamStatus::failed;
  }
  return StreamStatus::ok;
}

/// What to wait for before the attempt that gave `result` is repeated; if nothing, `status` says
/// how it ended.
TlsStream::Wanted TlsStream::classify(int result, StreamStatus& status) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Wanted::readable;
    case SSL_ERROR_WANT_WRITE:
      return Wanted::writable;
    case SSL_ERROR_ZERO_RETURN:
      status = StreamStatus::end;
      return Wanted::nothing;
    case SSL_ERROR_SYSCALL:
      failure_ =
          system_error == 0 ? "closed by the peer" : std::generic_category().message(system_error);
      break;
    default: {
      const char* reason = ERR_reason_error_string(ERR_peek_error());
      failure_ = reason == nullptr ? "TLS failure" : reason;
      break;
    }
  }
  ERR_clear_error();
  broken_ = true;
  status = StreamStatus::failed;
  return Wanted::nothing;
}

void TlsStream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

}  // namespace fuota::server::http
