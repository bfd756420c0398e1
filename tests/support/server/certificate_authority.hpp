#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct x509_st;

namespace test_support {

/// A certificate and its key, both PEM files.
struct KeyPair {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// An authority that signs certificates, with files in a folder of the test.
class CertificateAuthority {
 public:
  /// Makes one of that name; its certificate is `<directory>/<name>.pem`.
  CertificateAuthority(std::filesystem::path directory, const std::string& name);
  /// The same, signed by `above` instead of by itself.
  CertificateAuthority(std::filesystem::path directory, const std::string& name,
                       const CertificateAuthority& above);
  ~CertificateAuthority();

  [[nodiscard]] std::filesystem::path certificate() const;

  /// Signs a certificate whose subject has `common_name`, which may have any bytes, for a key of
  /// P-256. The files are named after `file`. `names`, if not empty, are those of a server, as
  /// OpenSSL writes them: "DNS:updates.example.org,IP:127.0.0.1".
  [[nodiscard]] KeyPair issue(const std::string& file, std::string_view common_name,
                              const std::string& names = "") const;

  /// The same, and valid for `lifetime` from now on.
  [[nodiscard]] KeyPair issue_for(std::chrono::seconds lifetime, const std::string& file,
                                  std::string_view common_name) const;

  /// The same for an RSA key.
  [[nodiscard]] KeyPair issue_rsa(const std::string& file, std::string_view common_name,
                                  const std::string& names) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  struct FreeCertificate {
    void operator()(x509_st* certificate) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, FreeKey>;
  using Certificate = std::unique_ptr<x509_st, FreeCertificate>;

  [[nodiscard]] static Certificate make(evp_pkey_st* key, std::string_view common_name);
  [[nodiscard]] KeyPair sign(const std::string& file, const Key& key, x509_st* certificate,
                             const std::string& names) const;
  [[nodiscard]] KeyPair write(const std::string& file, evp_pkey_st* key,
                              x509_st* certificate) const;

  std::filesystem::path directory_;
  std::string name_;
  Key key_;
  Certificate certificate_;
};

}  // namespace test_support
