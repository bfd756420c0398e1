#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace fuota::server::http {

/// A certificate and its private key, both PEM files.
struct CertificateFiles {
  std::string certificate;  ///< The chain, the server's own certificate first.
  std::string key;
};

/// Until when a certificate is valid.
struct CertificateExpiry {
  std::string file;
  std::string name;  ///< Its first name; of an authority the common name.
  std::chrono::system_clock::time_point not_after;
};

/// One certificate of the server with its key and chain. A copy shares them.
class TlsCertificate {
 public:
  /// Reads both files. Outcomes: a certificate whose key it is, or one line that says which file is
  /// wrong, how, and what to do.
  [[nodiscard]] static boost::system::result<TlsCertificate, std::string> read(
      const CertificateFiles& files);

  /// Whether clients that call the server `name`, a host name or an address, take it.
  [[nodiscard]] bool covers(std::string_view name) const;

  /// Whether clients take it under every name that `other` is for.
  [[nodiscard]] bool covers_all_of(const TlsCertificate& other) const;

  /// Whether both have keys of one kind, such as RSA: a handshake can choose between kinds only.
  [[nodiscard]] bool has_key_like(const TlsCertificate& other) const;

  /// The first of the chain to end.
  [[nodiscard]] CertificateExpiry expiry() const;

  /// Adds it to those that `context`, or the connection `ssl`, can use. False when OpenSSL can't.
  [[nodiscard]] bool use(ssl_ctx_st* context) const;
  [[nodiscard]] bool use(ssl_st* ssl) const;

 private:
  struct Parts;
  explicit TlsCertificate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<const Parts> parts_;
};

/// Until when each of the certificates in the PEM file is valid.
[[nodiscard]] std::vector<CertificateExpiry> expiries_in(const std::string& file);

}  // namespace fuota::server::http
