#pragma once

#include "simulator/kernel/idf_version.hpp"

namespace simulator::net {

/// Where versions of ESP-IDF's esp_http_client/esp_http_client.c differ in a way that an
/// application or a server can see.
struct HttpBehaviour {
  /// esp_http_client_read, v4.4: a timeout with nothing read is 0, as at the end of the body. v5.5
  /// and later: -ESP_ERR_HTTP_EAGAIN.
  bool read_timeout_returns_zero = false;
  /// esp_http_client_fetch_headers, v4.4: a timeout is ESP_FAIL. v5.5 and later:
  /// -ESP_ERR_HTTP_EAGAIN.
  bool fetch_timeout_is_failure = false;
  /// esp_http_client_close, v4.4: HTTP_EVENT_DISCONNECTED comes at every one, so that a close and
  /// the following cleanup give two. v5.5 and later: only where a connection was open.
  bool disconnected_at_every_close = false;
  /// http_client_prepare_first_line, v4.4: every request has a Content-Length, "0" for a GET too,
  /// and one that was set earlier stays with Transfer-Encoding: chunked, as does the latter.
  bool always_sends_content_length = false;
  /// esp_http_client_set_redirection, v5.5.5 only: from https to no other scheme.
  bool refuses_downgrade = true;
  /// esp_http_client_set_redirection, v5.5 and later: counts redirections, which bounds the answers
  /// to a 401 together with these.
  bool counts_redirections = true;
  /// http_on_status and http_on_headers_complete, v6.0: events for the status and the end of the
  /// headers.
  bool has_status_events = false;
  /// esp_http_client_connect, v6.0: the transport is chosen for the first connection; a URL of
  /// another scheme doesn't change it.
  bool keeps_first_transport = false;

  /// esp_http_client_connect, v5.5 and later: `save_client_session`.
  bool saves_sessions = true;
  /// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_handshake, v4.4: after a failure the flags of the
  /// certificate are kept, except with a bundle. v5.5 and later ask for the server's certificate
  /// before, which mbedTLS has only once the handshake is over: there are never any.
  bool keeps_certificate_flags = false;
  /// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_read, v4.4: a failure leaves mbedTLS's code only. v5.5
  /// and later: ESP_ERR_MBEDTLS_SSL_READ_FAILED too.
  bool read_failure_has_no_code = false;
  /// What mbedtls_ssl_setup gives when there is no memory for its buffers:
  /// MBEDTLS_ERR_SSL_ALLOC_FAILED; in mbedTLS 4, which v6.0 has, PSA_ERROR_INSUFFICIENT_MEMORY.
  int no_memory_for_buffers = -0x7F00;
  /// What the handshake gives: MBEDTLS_ERR_MPI_ALLOC_FAILED, or the same as above.
  int no_memory_for_handshake = -0x0010;

  static HttpBehaviour of(kernel::IdfVersion version) {
    HttpBehaviour behaviour;
    const bool v4 = version == kernel::IdfVersion::v4_4;
    const bool v6 = version == kernel::IdfVersion::v6_0;
    behaviour.read_timeout_returns_zero = v4;
    behaviour.fetch_timeout_is_failure = v4;
    behaviour.disconnected_at_every_close = v4;
    behaviour.always_sends_content_length = v4;
    behaviour.refuses_downgrade = !v4 && !v6;
    behaviour.counts_redirections = !v4;
    behaviour.has_status_events = v6;
    behaviour.keeps_first_transport = v6;
    behaviour.saves_sessions = !v4;
    behaviour.keeps_certificate_flags = v4;
    behaviour.read_failure_has_no_code = v4;
    constexpr int kPsaInsufficientMemory = -141;
    if (v6) behaviour.no_memory_for_buffers = kPsaInsufficientMemory;
    if (v6) behaviour.no_memory_for_handshake = kPsaInsufficientMemory;
    return behaviour;
  }
};

}  // namespace simulator::net
