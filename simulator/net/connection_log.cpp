// What ESP-IDF's tcp_transport and esp-tls components log when a connection fails, at the default
// log level.

#include <cerrno>
#include <cstring>

#include "esp_err.h"
#include "esp_log.h"
#include "esp_tls_errors.h"
#include "simulator/net/http_client.hpp"

namespace simulator::net {

namespace {

constexpr char kTlsTag[] = "esp-tls";
constexpr char kMbedtlsTag[] = "esp-tls-mbedtls";
constexpr char kTransportTag[] = "transport_base";
constexpr char kClientTag[] = "HTTP_CLIENT";
constexpr int kSocket = 54;         ///< lwIP's first with ESP-IDF's default configuration
constexpr int kNameNotFound = 202;  ///< lwIP's EAI_FAIL
// tcp_transport's own error code.
constexpr esp_err_t kTransportFailed = 0xe003;

void log_cause(const ConnectOutcome& outcome, const char* host) {
  switch (outcome.kind) {
    case ConnectOutcome::Kind::no_memory:
      ESP_LOGE(kTransportTag, "Failed to initialize new connection object");
      return;
    case ConnectOutcome::Kind::unresolved:
      ESP_LOGE(kTlsTag, "couldn't get hostname for :%s: getaddrinfo() returns %d, addrinfo=%p",
               host, kNameNotFound, static_cast<void*>(nullptr));
      return;
    case ConnectOutcome::Kind::failed_at_once:
      ESP_LOGE(kTlsTag, "[sock=%d] connect() error: %s", kSocket, strerror(outcome.code));
      return;
    case ConnectOutcome::Kind::failed:
      ESP_LOGE(kTlsTag, "[sock=%d] delayed connect error: %s", kSocket, strerror(outcome.code));
      return;
    case ConnectOutcome::Kind::timeout:
      ESP_LOGE(kTlsTag, "[sock=%d] select() timeout", kSocket);
      return;
    case ConnectOutcome::Kind::tls_setup:
      if (outcome.detail != nullptr && outcome.code != 0) {
        ESP_LOGE(kMbedtlsTag, "%s -0x%04X", outcome.detail, static_cast<unsigned>(-outcome.code));
      } else if (outcome.detail != nullptr) {
        ESP_LOGE(kMbedtlsTag, "%s", outcome.detail);
      }
      ESP_LOGE(kTlsTag, "create_ssl_handle failed");
      return;
    case ConnectOutcome::Kind::tls_handshake:
      ESP_LOGE(kMbedtlsTag, "mbedtls_ssl_handshake returned -0x%04X",
               static_cast<unsigned>(-outcome.code));
      return;
    case ConnectOutcome::Kind::connected:
      return;
  }
}

}  // namespace

void HttpClient::log_connect(const ConnectOutcome& outcome) const {
  if (outcome.unreadable_certificates > 0) {
    ESP_LOGW(kMbedtlsTag,
             "mbedtls_x509_crt_parse was partly successful. No. of failed certificates: %d",
             outcome.unreadable_certificates);
  }
  if (outcome.kind == ConnectOutcome::Kind::connected) return;
  log_cause(outcome, url_.host.c_str());
  if (outcome.kind == ConnectOutcome::Kind::no_memory) return;
  if (outcome.kind == ConnectOutcome::Kind::tls_handshake) log_certificate(outcome);
  if (connect_request_.tls) {
    ESP_LOGE(kTlsTag, "Failed to open new connection");
    ESP_LOGE(kTransportTag, "Failed to open a new connection");
  } else {
    ESP_LOGE(kTransportTag, "Failed to open a new connection: %d", errors_.at(0).last_error);
  }
}

/// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_verify_certificate: only where the flags are kept.
void HttpClient::log_certificate(const ConnectOutcome& outcome) const {
  if (!keeps_flags()) return;
  if (outcome.certificate_flags != 0) {
    ESP_LOGI(kMbedtlsTag, "Failed to verify peer certificate!");
  } else {
    ESP_LOGI(kMbedtlsTag, "Certificate verified.");
  }
}

void HttpClient::log_read_failure(const Io& io) const {
  if (io.status != Io::Status::failed) return;
  if (io.tls_code != 0) {
    ESP_LOGE(kMbedtlsTag, "read error :-0x%04X", static_cast<unsigned>(-io.tls_code));
    ESP_LOGE(kTransportTag, "esp_tls_conn_read error, errno=%s", strerror(errno));
  } else {
    ESP_LOGE(kTransportTag, "poll_read select error");
  }
  const esp_err_t error = io.tls_code != 0 ? ESP_FAIL : kTransportFailed;
  ESP_LOGE(kClientTag, "transport_read: error - %d | %s", error,
           io.tls_code != 0 ? "ESP_FAIL" : "ESP_ERR_TCP_TRANSPORT_CONNECTION_FAILED");
}

}  // namespace simulator::net
