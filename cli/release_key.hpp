#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/public_key.hpp"

struct evp_pkey_st;

namespace fuota::cli {

/// SHA-256 by OpenSSL. False when it fails.
[[nodiscard]] bool sha256(const void* data, std::size_t bytes, protocol::Sha256& out);

/// A private key on P-256, with which releases are signed.
class ReleaseKey {
 public:
  /// Makes a new key from the system's randomness.
  [[nodiscard]] static Result<ReleaseKey> generate();

  /// Reads a private key in PEM. OpenSSL asks on the terminal for the passphrase of an encrypted
  /// one.
  [[nodiscard]] static Result<ReleaseKey> from_pem(std::string_view pem);

  /// The private key as PKCS#8 in PEM, not encrypted.
  [[nodiscard]] Result<std::string> to_pem() const;

  /// The public key as SubjectPublicKeyInfo in PEM (RFC 5280 section 4.1.2.7).
  [[nodiscard]] Result<std::string> public_pem() const;

  [[nodiscard]] const protocol::PublicKey& public_key() const { return named_.key; }
  [[nodiscard]] const protocol::KeyId& id() const { return named_.id; }

  /// Signs with ES256. Two signatures of one input differ.
  [[nodiscard]] Result<protocol::Signature> sign(const protocol::SigningInput& input) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, Free>;

  ReleaseKey(Handle key, const protocol::NamedKey& named) : key_(std::move(key)), named_(named) {}
  [[nodiscard]] static Result<ReleaseKey> adopt(Handle key);

  Handle key_;
  protocol::NamedKey named_;
};

/// Reads a public key in PEM (SubjectPublicKeyInfo).
[[nodiscard]] Result<protocol::PublicKey> public_key_from_pem(std::string_view pem);

/// `key` and its name.
[[nodiscard]] Result<protocol::NamedKey> with_name(const protocol::PublicKey& key);

}  // namespace fuota::cli
