#include "simulator/net/tls_session.hpp"

#include <mbedtls/net_sockets.h>

#include <algorithm>
#include <cerrno>

#include "esp_tls_errors.h"

namespace simulator::net {

namespace {

/// Takes the dates out of the verdict.
int ignore_dates(void*, mbedtls_x509_crt*, int, std::uint32_t* flags) {
  *flags &= ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
  return 0;
}

class MbedtlsSession final : public SavedSession {
 public:
  MbedtlsSession() { mbedtls_ssl_session_init(&session_); }
  ~MbedtlsSession() override { mbedtls_ssl_session_free(&session_); }
  MbedtlsSession(const MbedtlsSession&) = delete;
  MbedtlsSession& operator=(const MbedtlsSession&) = delete;

  [[nodiscard]] bool take_from(const mbedtls_ssl_context& ssl) {
    return mbedtls_ssl_get_session(&ssl, &session_) == 0;
  }
  [[nodiscard]] bool has_secret_of(const MbedtlsSession& other) const {
    return std::ranges::equal(session_.master, other.session_.master);
  }
  [[nodiscard]] const mbedtls_ssl_session* get() const { return &session_; }

 private:
  mbedtls_ssl_session session_{};
};

}  // namespace

TlsSession::TlsSession(HostSocket& socket) : socket_(socket) {
  mbedtls_entropy_init(&entropy_);
  mbedtls_ctr_drbg_init(&random_);
  mbedtls_ssl_config_init(&config_);
  mbedtls_ssl_init(&ssl_);
}

TlsSession::~TlsSession() {
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_config_free(&config_);
  mbedtls_ctr_drbg_free(&random_);
  mbedtls_entropy_free(&entropy_);
}

std::optional<ConnectOutcome> TlsSession::set_up(const std::string& host,
                                                 const TlsSettings& settings) {
  using Kind = ConnectOutcome::Kind;
  int result = mbedtls_ctr_drbg_seed(&random_, mbedtls_entropy_func, &entropy_, nullptr, 0);
  if (result != 0) {
    return ConnectOutcome{Kind::tls_setup, result, ESP_ERR_MBEDTLS_CTR_DRBG_SEED_FAILED};
  }
  result = mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT,
                                       MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (result != 0) {
    return ConnectOutcome{Kind::tls_setup, result, ESP_ERR_MBEDTLS_SSL_CONFIG_DEFAULTS_FAILED};
  }
  mbedtls_ssl_conf_rng(&config_, mbedtls_ctr_drbg_random, &random_);
  mbedtls_ssl_conf_min_version(&config_, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_verify(&config_, ignore_dates, nullptr);
  if (const auto problem = trust_.apply(settings, config_)) return problem;
  result = mbedtls_ssl_setup(&ssl_, &config_);
  if (result != 0) {
    return ConnectOutcome{Kind::tls_setup, result, ESP_ERR_MBEDTLS_SSL_SETUP_FAILED};
  }
  if (!settings.skip_name_check) result = mbedtls_ssl_set_hostname(&ssl_, host.c_str());
  if (result != 0) {
    return ConnectOutcome{Kind::tls_setup, result, ESP_ERR_MBEDTLS_SSL_SET_HOSTNAME_FAILED};
  }
  mbedtls_ssl_set_bio(&ssl_, this, send, receive, nullptr);
  return std::nullopt;
}

ConnectOutcome TlsSession::handshake(int timeout_ms, const SavedSession* session) {
  timeout_ms_ = timeout_ms;
  const auto* earlier = dynamic_cast<const MbedtlsSession*>(session);
  int result = earlier != nullptr ? mbedtls_ssl_set_session(&ssl_, earlier->get()) : 0;
  if (result != 0) return {ConnectOutcome::Kind::tls_handshake, result};
  do {
    result = mbedtls_ssl_handshake(&ssl_);
  } while (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE);
  ConnectOutcome outcome;
  outcome.unreadable_certificates = trust_.unreadable();
  if (result == 0) {
    // TLS 1.2: a resumed session has the secret of the earlier one, any other has a new one.
    MbedtlsSession now;
    outcome.resumed = earlier != nullptr && now.take_from(ssl_) && now.has_secret_of(*earlier);
    return outcome;
  }
  outcome.kind = ConnectOutcome::Kind::tls_handshake;
  outcome.code = result;
  outcome.certificate_flags = mbedtls_ssl_get_verify_result(&ssl_);
  return outcome;
}

std::unique_ptr<SavedSession> TlsSession::save() {
  auto session = std::make_unique<MbedtlsSession>();
  if (!session->take_from(ssl_)) return nullptr;
  return session;
}

Io TlsSession::read(char* buffer, std::size_t size, int timeout_ms) {
  timeout_ms_ = timeout_ms;
  if (mbedtls_ssl_get_bytes_avail(&ssl_) == 0) {
    const HostSocket::Ready ready = socket_.await_readable(timeout_ms);
    if (ready == HostSocket::Ready::timeout) return {Io::Status::timeout};
    if (ready == HostSocket::Ready::failed) return {Io::Status::failed};
  }
  int result = 0;
  do {
    result = mbedtls_ssl_read(&ssl_, reinterpret_cast<unsigned char*>(buffer), size);
  } while (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE);
  if (result > 0) return {Io::Status::done, static_cast<std::size_t>(result)};
  if (result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) return {Io::Status::closed};
  return {Io::Status::failed, 0, result};
}

Io TlsSession::write(const char* data, std::size_t size, int timeout_ms) {
  timeout_ms_ = timeout_ms;
  const HostSocket::Ready ready = socket_.await_writable(timeout_ms);
  if (ready == HostSocket::Ready::timeout) return {Io::Status::timeout};
  if (ready == HostSocket::Ready::failed) return {Io::Status::failed};
  int result = 0;
  do {
    result = mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(data), size);
  } while (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE);
  if (result > 0) return {Io::Status::done, static_cast<std::size_t>(result)};
  return {Io::Status::failed, 0, result};
}

int TlsSession::send(void* self, const unsigned char* data, std::size_t size) {
  auto& session = *static_cast<TlsSession*>(self);
  if (session.socket_.await_writable(session.timeout_ms_) != HostSocket::Ready::yes) {
    return MBEDTLS_ERR_NET_SEND_FAILED;
  }
  const long count = session.socket_.send(data, size);
  if (count >= 0) return static_cast<int>(count);
  const int error = session.socket_.error();
  return error == EPIPE || error == ECONNRESET ? MBEDTLS_ERR_NET_CONN_RESET
                                               : MBEDTLS_ERR_NET_SEND_FAILED;
}

int TlsSession::receive(void* self, unsigned char* buffer, std::size_t size) {
  auto& session = *static_cast<TlsSession*>(self);
  if (session.socket_.await_readable(session.timeout_ms_) != HostSocket::Ready::yes) {
    return MBEDTLS_ERR_NET_RECV_FAILED;
  }
  const long count = session.socket_.receive(buffer, size);
  if (count >= 0) return static_cast<int>(count);
  const int error = session.socket_.error();
  return error == EPIPE || error == ECONNRESET ? MBEDTLS_ERR_NET_CONN_RESET
                                               : MBEDTLS_ERR_NET_RECV_FAILED;
}

}  // namespace simulator::net
