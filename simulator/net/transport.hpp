#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "esp_err.h"

namespace simulator::net {

struct Endpoint {
  std::string host;  ///< a name or an address
  int port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// As the application configured them. Nothing is owned.
struct TlsSettings {
  const char* ca_pem = nullptr;
  std::size_t ca_bytes = 0;  ///< with the NUL
  const char* client_certificate_pem = nullptr;
  std::size_t client_certificate_bytes = 0;
  const char* client_key_pem = nullptr;
  std::size_t client_key_bytes = 0;
  esp_err_t (*attach_bundle)(void* ssl_config) = nullptr;
  bool use_global_ca_store = false;
  bool skip_name_check = false;
};

struct TcpKeepAlive {
  bool enabled = false;
  int idle_s = 5;
  int interval_s = 5;
  int count = 3;
};

struct ConnectRequest {
  Endpoint endpoint;  ///< its host is also the name in the certificate
  std::optional<TlsSettings> tls;
  TcpKeepAlive keep_alive;
  int timeout_ms = 0;  ///< negative: none
};

/// How an attempt to connect ended.
struct ConnectOutcome {
  enum class Kind {
    connected,
    unresolved,      ///< no such name
    failed_at_once,  ///< no route: `code` is an errno
    failed,          ///< refused, reset: `code` is an errno
    timeout,
    tls_setup,      ///< no way to verify the server, or no valid certificate: mbedTLS `code` or 0
    tls_handshake,  ///< mbedTLS `code`; certificate refused if `certificate_refused`
  };
  Kind kind = Kind::connected;
  int code = 0;
  bool certificate_refused = false;
  const char* detail = nullptr;     ///< of `tls_setup`, static
  int unreadable_certificates = 0;  ///< of the application's, which is not an error
};

struct Io {
  enum class Status {
    done,     ///< `bytes` of them, more than 0
    timeout,  ///< nothing could be read or written in time
    closed,   ///< the peer has closed
    failed,   ///< `tls_code` is mbedTLS's if it comes from there
  };
  Status status = Status::failed;
  std::size_t bytes = 0;
  int tls_code = 0;
};

/// One connection, from the chip's side. The session owns it: a task that is dropped in one of
/// these calls leaves nothing behind.
class Transport {
 public:
  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Blocks for about `timeout_ms` at most for each of resolving, connecting and the TLS handshake.
  virtual ConnectOutcome connect(const ConnectRequest& request) = 0;
  /// Blocks until there is at least one byte, for `timeout_ms` at most (negative: without end).
  virtual Io read(char* buffer, std::size_t size, int timeout_ms) = 0;
  virtual Io write(const char* data, std::size_t size, int timeout_ms) = 0;
  virtual void close() = 0;
  /// errno of the last failure, and 0 from then on.
  virtual int take_errno() = 0;
};

}  // namespace simulator::net
