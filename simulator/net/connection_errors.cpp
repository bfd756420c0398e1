// What tcp_transport and esp-tls keep of a failure, for the data of HTTP_EVENT_ERROR and
// HTTP_EVENT_DISCONNECTED.

#include "esp_tls_errors.h"
#include "simulator/net/http_client.hpp"
#include "simulator/net/http_stack.hpp"

namespace simulator::net {

namespace {

/// v5.5 and later, therefore not in the header.
constexpr esp_err_t kReadFailed = ESP_ERR_ESP_TLS_BASE + 0x1D;

/// tcp_connect in esp-tls/esp_tls.c, and esp_tls_low_level_conn.
esp_err_t error_of(const ConnectOutcome& outcome) {
  switch (outcome.kind) {
    case ConnectOutcome::Kind::connected:
      return ESP_OK;
    case ConnectOutcome::Kind::no_memory:
      return ESP_ERR_NO_MEM;
    case ConnectOutcome::Kind::unresolved:
      return ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME;
    case ConnectOutcome::Kind::failed_at_once:
    case ConnectOutcome::Kind::failed:
      return ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST;
    case ConnectOutcome::Kind::timeout:
      return ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT;
    case ConnectOutcome::Kind::tls_setup:
      return outcome.setup_error;
    case ConnectOutcome::Kind::tls_handshake:
      return ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED;
  }
  return ESP_FAIL;
}

bool comes_from_tls(const ConnectOutcome& outcome) {
  return outcome.kind == ConnectOutcome::Kind::tls_setup ||
         outcome.kind == ConnectOutcome::Kind::tls_handshake;
}

}  // namespace

esp_tls_error_handle_t HttpClient::error_handle() {
  if (chosen_transport_ == HTTP_TRANSPORT_UNKNOWN) return nullptr;
  return &errors_.at(chosen_transport_ == HTTP_TRANSPORT_OVER_SSL ? 1 : 0);
}

bool HttpClient::keeps_flags() const {
  return stack_.behaviour().keeps_certificate_flags && tls_.attach_bundle == nullptr;
}

void HttpClient::capture_connect(const ConnectOutcome& outcome) {
  if (outcome.kind == ConnectOutcome::Kind::connected) return;
  esp_tls_last_error_t& error = *error_handle();
  // transport_ssl.c: without TLS, and without memory for a connection, the code alone is set; else
  // all that this connection has, which is nothing from an earlier one.
  if (connect_request_.tls && outcome.kind != ConnectOutcome::Kind::no_memory) error = {};
  error.last_error = error_of(outcome);
  if (!comes_from_tls(outcome)) return;
  error.esp_tls_error_code = -outcome.code;
  error.esp_tls_flags = keeps_flags() ? static_cast<int>(outcome.certificate_flags) : 0;
}

void HttpClient::capture_read(const Io& io) {
  if (io.status == Io::Status::closed) {
    error_handle()->last_error = ESP_ERR_ESP_TLS_TCP_CLOSED_FIN;
  } else if (io.tls_code != 0) {
    const esp_err_t code = stack_.behaviour().read_failure_has_no_code ? ESP_OK : kReadFailed;
    *error_handle() = {code, -io.tls_code, 0};
  }
}

void HttpClient::capture_write(const Io& io) {
  if (io.tls_code != 0) *error_handle() = {ESP_ERR_MBEDTLS_SSL_WRITE_FAILED, -io.tls_code, 0};
}

}  // namespace simulator::net
