#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "esp_err.h"
#include "simulator/net/http_behaviour.hpp"
#include "simulator/net/tls_memory.hpp"

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

/// What a later connection can resume a TLS session with. Each transport makes and understands its
/// own.
class SavedSession {
 public:
  SavedSession() = default;
  virtual ~SavedSession() = default;
  SavedSession(const SavedSession&) = delete;
  SavedSession& operator=(const SavedSession&) = delete;
};

struct ConnectRequest {
  Endpoint endpoint;  ///< its host is also the name in the certificate
  std::optional<TlsSettings> tls;
  TlsMemory* tls_memory = nullptr;        ///< with `tls`: what the transport takes the memory from
  const SavedSession* session = nullptr;  ///< with `tls`: to be resumed if the server agrees
  TcpKeepAlive keep_alive;
  int timeout_ms = 0;  ///< negative: none
};

/// How an attempt to connect ended.
struct ConnectOutcome {
  enum class Kind {
    connected,
    no_memory,       ///< for the context of TLS
    unresolved,      ///< no such name
    failed_at_once,  ///< no route: `code` is an errno, which esp-tls doesn't keep
    failed,          ///< refused, reset: `code` is an errno
    timeout,
    tls_setup,      ///< `setup_error` of esp-tls, mbedTLS `code` or 0
    tls_handshake,  ///< mbedTLS `code`; the certificate was refused if `certificate_flags`
  };
  Kind kind = Kind::connected;
  int code = 0;
  esp_err_t setup_error = ESP_OK;
  std::uint32_t certificate_flags = 0;  ///< what is wrong with it: MBEDTLS_X509_BADCERT_…
  const char* detail = nullptr;         ///< of `tls_setup`, static
  bool resumed = false;                 ///< the session, when connected
  int unreadable_certificates = 0;      ///< of the application's, which is not an error
};

/// How it ends when `TlsMemory::take_buffers` has failed.
ConnectOutcome no_memory_for_buffers(const HttpBehaviour& behaviour);
/// How it ends when `TlsMemory::take_handshake` has failed.
ConnectOutcome no_memory_for_handshake(const HttpBehaviour& behaviour);

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
  /// The session of the open connection; null without TLS.
  virtual std::unique_ptr<SavedSession> save_session() = 0;
  /// errno of the last failure, and 0 from then on.
  virtual int take_errno() = 0;
};

}  // namespace simulator::net
