#include "server/api/access_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <new>

#include "fuota_protocol/base64url.hpp"

namespace fuota::server::api {
namespace {

constexpr std::size_t kSecretBytes = 32;
static_assert(kTokenBytes == kTokenPrefixBytes + protocol::base64url_size(kSecretBytes));

/// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kPrefixes = {"fud_", "fuf_", "fut_"};
static_assert(kPrefixes.size() == static_cast<std::size_t>(TokenKind::api) + 1);

void fill_randomly(unsigned char* bytes, std::size_t count) {
  // OpenSSL's generator fails when the kernel's does, which nothing here can mend.
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) throw std::bad_alloc();
}

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

/// SHA-256, looked up once: EVP_sha256() would be looked up anew by every call.
const EVP_MD* sha256() {
  static const std::unique_ptr<EVP_MD, FreeDigest> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest.get();
}

}  // namespace

std::optional<TokenKind> token_kind(std::string_view text) {
  if (text.size() != kTokenBytes) return std::nullopt;
  const std::string_view prefix = text.substr(0, kTokenPrefixBytes);
  for (std::size_t i = 0; i < kPrefixes.size(); ++i) {
    if (prefix != kPrefixes[i]) continue;
    std::array<unsigned char, kSecretBytes> secret;
    const auto bytes =
        protocol::base64url_decode(text.substr(kTokenPrefixBytes), secret.data(), secret.size());
    OPENSSL_cleanse(secret.data(), secret.size());
    if (bytes != kSecretBytes) return std::nullopt;
    return static_cast<TokenKind>(i);
  }
  return std::nullopt;
}

std::string make_token(TokenKind kind) {
  std::array<unsigned char, kSecretBytes> secret;
  fill_randomly(secret.data(), secret.size());
  std::string token(kTokenBytes, '\0');
  kPrefixes[static_cast<std::size_t>(kind)].copy(token.data(), kTokenPrefixBytes);
  protocol::base64url_encode(secret.data(), secret.size(), token.data() + kTokenPrefixBytes);
  OPENSSL_cleanse(secret.data(), secret.size());
  return token;
}

domain::SecretDigest digest_of(std::string_view token) {
  domain::SecretDigest digest{};
  if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

bool equal_digests(const domain::SecretDigest& a, const domain::SecretDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string make_id() {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::array<unsigned char, 8> bytes;
  fill_randomly(bytes.data(), bytes.size());
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kHexDigits[byte >> 4];
    id += kHexDigits[byte & 0xf];
  }
  return id;
}

}  // namespace fuota::server::api
