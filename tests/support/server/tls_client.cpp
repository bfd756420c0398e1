#include "tests/support/server/tls_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace test_support {
namespace {

[[noreturn]] void fail(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  throw std::runtime_error("TlsClient: " + what + (reason ? ": " + std::string(reason) : ""));
}

}  // namespace

TlsClient::TlsClient(const ClientOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  connect(options);
  if (options.with_tls) handshake(options);
}

TlsClient::~TlsClient() {
  ssl_.reset();
  if (socket_ >= 0) ::close(socket_);
}

void TlsClient::connect(const ClientOptions& options) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kClientPatienceSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (options.receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes,
                 sizeof(options.receive_buffer_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(socket_);
    throw std::runtime_error("TlsClient: connect");
  }
}

void TlsClient::handshake(const ClientOptions& options) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (options.tls_version_max != 0) {
    SSL_CTX_set_max_proto_version(context_.get(), options.tls_version_max);
  }
  if (SSL_CTX_load_verify_file(context_.get(), options.certificate.c_str()) != 1) {
    fail("certificate " + options.certificate.string());
  }
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (!options.own_certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context_.get(), options.own_certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context_.get(), options.own_key.c_str(), SSL_FILETYPE_PEM) !=
           1)) {
    fail("own certificate " + options.own_certificate.string());
  }
  if (!options.ciphers.empty() &&
      SSL_CTX_set_cipher_list(context_.get(), options.ciphers.c_str()) != 1) {
    fail("ciphers " + options.ciphers);
  }
  if (!options.signature_algorithms.empty() &&
      SSL_CTX_set1_sigalgs_list(context_.get(), options.signature_algorithms.c_str()) != 1) {
    fail("signature algorithms " + options.signature_algorithms);
  }
  ssl_.reset(SSL_new(context_.get()));
  if (!options.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
  }
  SSL_set_fd(ssl_.get(), socket_);
  if (options.session) SSL_set_session(ssl_.get(), options.session.get());
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, options.verified_name.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, options.verified_name.c_str(), 0);
  }
  if (options.session) SSL_set_session(ssl_.get(), options.session.get());
  ERR_clear_error();
  if (SSL_connect(ssl_.get()) != 1) fail("handshake");
}

bool TlsClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      ERR_clear_error();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string TlsClient::receive_some(std::size_t bytes_max) {
  std::string bytes(bytes_max, '\0');
  ERR_clear_error();
  errno = 0;
  const ssize_t received = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                : ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (received <= 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) fail("the server is silent");
    closed_cleanly_ =
        ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(received)) == SSL_ERROR_ZERO_RETURN
             : received == 0;
    ERR_clear_error();
    return {};
  }
  bytes.resize(static_cast<std::size_t>(received));
  return bytes;
}

std::string TlsClient::receive_all() {
  std::string all;
  for (std::string some = receive_some(); !some.empty(); some = receive_some()) all += some;
  return all;
}

bool TlsClient::readable_within(int milliseconds) const {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    // TLS has messages of its own: what it has for the client is known only after reading them.
    if (ssl_ && has_data_or_end()) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd entry{socket_, POLLIN, 0};
    if (::poll(&entry, 1, std::max(0, static_cast<int>(left.count()))) == 0) return false;
    if (!ssl_) return true;
  }
}

bool TlsClient::has_data_or_end() const {
  const int flags = ::fcntl(socket_, F_GETFL);
  ::fcntl(socket_, F_SETFL, flags | O_NONBLOCK);
  char byte = 0;
  ERR_clear_error();
  const int result = SSL_peek(ssl_.get(), &byte, 1);
  const bool waits = result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  ::fcntl(socket_, F_SETFL, flags);
  return !waits;
}

TlsSession TlsClient::session() const {
  const SSL_SESSION* const session = SSL_get0_session(ssl_.get());
  if (session == nullptr || SSL_SESSION_is_resumable(session) != 1) return nullptr;
  // A copy: OpenSSL marks its own as not to be resumed when the connection isn't closed as TLS
  // says.
  return {SSL_SESSION_dup(session), SSL_SESSION_free};
}

bool TlsClient::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::string TlsClient::certificate_name() const {
  const X509_NAME* const subject = X509_get_subject_name(SSL_get0_peer_certificate(ssl_.get()));
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  const ASN1_STRING* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

bool TlsClient::renegotiate() {
  ERR_clear_error();
  const bool agreed = SSL_renegotiate(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1;
  ERR_clear_error();
  return agreed;
}

void TlsClient::end_tls() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  ::close(socket_);
  socket_ = -1;
}

void TlsClient::FreeContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsClient::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

}  // namespace test_support
