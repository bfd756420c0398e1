#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <optional>

#include "simulator/net/transport.hpp"

namespace simulator::net {

/// The certificates that a connection goes by, read from the application's PEM text as esp-tls
/// reads them (esp-tls/esp_tls_mbedtls.c of v5.5.5).
class TrustStore {
 public:
  TrustStore();
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  /// Reads them and tells `config`, which must not outlive this. What is wrong, if anything.
  std::optional<ConnectOutcome> apply(const TlsSettings& settings, mbedtls_ssl_config& config);

  /// How many of several certificates could not be read; the others are used.
  [[nodiscard]] int unreadable() const { return unreadable_; }

  /// The same without a connection.
  static std::optional<ConnectOutcome> check(const TlsSettings& settings);

 private:
  std::optional<ConnectOutcome> apply_client_certificate(const TlsSettings& settings,
                                                         mbedtls_ssl_config& config);

  mbedtls_x509_crt authorities_;
  mbedtls_x509_crt client_certificate_;
  mbedtls_pk_context client_key_;
  int unreadable_ = 0;
};

}  // namespace simulator::net
