#include "server/storage/sha256.hpp"

#include <openssl/evp.h>

#include <memory>
#include <new>

namespace fuota::server::storage {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

/// OpenSSL's digest functions fail only for want of memory.
void require(int result) {
  if (result != 1) throw std::bad_alloc();
}

/// Looked up once: OpenSSL would do it anew for each digest that is made with EVP_sha256(), which
/// costs more than to digest a few names.
const EVP_MD* sha256() {
  struct FreeAlgorithm {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  };
  static const std::unique_ptr<EVP_MD, FreeAlgorithm> algorithm(
      EVP_MD_fetch(nullptr, "SHA256", nullptr));
  if (!algorithm) throw std::bad_alloc();
  return algorithm.get();
}

}  // namespace

std::string to_hex(const Sha256Digest& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 0xf]);
  }
  return text;
}

std::optional<Sha256Digest> digest_from_hex(std::string_view text) {
  Sha256Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const std::size_t high = kHexDigits.find(text[2 * i]);
    const std::size_t low = kHexDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  require(EVP_DigestInit_ex(context_.get(), sha256(), nullptr));
}

void Sha256::update(std::string_view data) {
  require(EVP_DigestUpdate(context_.get(), data.data(), data.size()));
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return digest;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

}  // namespace fuota::server::storage
