#pragma once

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "simulator/net/host_socket.hpp"
#include "simulator/net/trust_store.hpp"

namespace simulator::net {

/// TLS 1.2 over a socket of the host, as esp-tls sets it up: the server's chain must end in one of
/// the application's certificates and bear the name of the URL's host; mbedTLS 2.28 compares
/// dNSName entries only where there are alternative names. Dates are not checked, since ESP-IDF's
/// default configuration has no MBEDTLS_HAVE_TIME_DATE.
class TlsSession {
 public:
  /// `socket` must outlive it.
  explicit TlsSession(HostSocket& socket);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Everything before the handshake. What is wrong, if anything.
  std::optional<ConnectOutcome> set_up(const std::string& host, const TlsSettings& settings);
  /// Once, after `set_up`. With a `session`, tries to resume that.
  ConnectOutcome handshake(int timeout_ms, const SavedSession* session);
  /// After the handshake; null if mbedTLS can't.
  std::unique_ptr<SavedSession> save();
  /// A record that stalls in its middle is a failure, not a timeout, as on the chip.
  Io read(char* buffer, std::size_t size, int timeout_ms);
  Io write(const char* data, std::size_t size, int timeout_ms);

 private:
  static int send(void* self, const unsigned char* data, std::size_t size);
  static int receive(void* self, unsigned char* buffer, std::size_t size);

  HostSocket& socket_;
  int timeout_ms_ = 0;
  TrustStore trust_;
  mbedtls_entropy_context entropy_;
  mbedtls_ctr_drbg_context random_;
  mbedtls_ssl_config config_;
  mbedtls_ssl_context ssl_;
};

}  // namespace simulator::net
