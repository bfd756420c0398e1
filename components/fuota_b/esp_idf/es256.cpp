#include "es256.hpp"

#include <initializer_list>
#include <string_view>

#include "ecdsa_der.hpp"
#include "fuota_b/release_policy.hpp"
#include "idf_port.hpp"
#include "mbedtls/pk.h"
#include "policy_text.hpp"

namespace fuota::update {
namespace {

/// A public key as mbedTLS has it.
class LibraryKey {
 public:
  LibraryKey() { mbedtls_pk_init(&context_); }
  ~LibraryKey() { mbedtls_pk_free(&context_); }
  LibraryKey(const LibraryKey&) = delete;
  LibraryKey& operator=(const LibraryKey&) = delete;

  /// 0, or what mbedTLS says: also for what is no point of the curve.
  [[nodiscard]] int read(const protocol::PublicKey& key) {
    const PublicKeyDer der = public_key_der(key);
    return mbedtls_pk_parse_public_key(&context_, der.data(), der.size());
  }

  [[nodiscard]] int verify(const protocol::Sha256& hash, const protocol::Signature& signature) {
    std::uint8_t der[kSignatureDerBytesMax];
    const std::size_t der_bytes = write_signature_der(signature, der);
    return mbedtls_pk_verify(&context_, MBEDTLS_MD_SHA256, hash.data(), hash.size(), der,
                             der_bytes);
  }

 private:
  mbedtls_pk_context context_;
};

bool hash_of(std::initializer_list<std::string_view> parts, protocol::Sha256& out) {
  Sha256 digest;
  if (!digest.start()) return false;
  for (const std::string_view part : parts) {
    if (!digest.update(reinterpret_cast<const std::uint8_t*>(part.data()), part.size())) {
      return false;
    }
  }
  return digest.finish(out.data());
}

KeyLibrary::Outcome check_key(const protocol::PublicKey& key) {
  LibraryKey library_key;
  const int error = library_key.read(key);
  if (error == 0) return KeyLibrary::Outcome::usable;
  return is_lack_of_memory(error) ? KeyLibrary::Outcome::failed : KeyLibrary::Outcome::unusable;
}

constexpr KeyLibrary kKeyLibrary = {&sha256_of, &check_key};

}  // namespace

bool sha256_of(const void* data, std::size_t bytes, protocol::Sha256& out) {
  return hash_of({{static_cast<const char*>(data), bytes}}, out);
}

Es256Verifier::Outcome Es256Verifier::verify(const protocol::PublicKey& key,
                                             const protocol::SigningInput& input,
                                             const protocol::Signature& signature) {
  protocol::Sha256 hash;
  if (!hash_of({input.protected_header, ".", input.payload}, hash)) return Outcome::failed;
  LibraryKey library_key;
  int error = library_key.read(key);
  if (error == 0) error = library_key.verify(hash, signature);
  if (error == 0) return Outcome::valid;
  return is_lack_of_memory(error) ? Outcome::failed : Outcome::invalid;
}

PolicyProblem parse_release_policy(const char* keys, unsigned threshold, ReleasePolicy& out) {
  return read_policy(keys, threshold, kKeyLibrary, out);
}

}  // namespace fuota::update
