#include "server/api/authenticator.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <new>

namespace fuota::server::api {
namespace {

constexpr std::string_view kScheme = "basic";

std::string base64(std::string_view text) {
  // Four characters for each three bytes begun, and OpenSSL's NUL.
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(bytes));
  return encoded;
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What stands behind the scheme "Basic", in whatever case (RFC 9110 section 11.1).
std::optional<std::string_view> basic_credentials(std::string_view authorization) {
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  const bool basic = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                                [](char a, char b) { return a == to_lower(b); });
  if (!basic || authorization[kScheme.size()] != ' ') return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  const std::size_t first = authorization.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  return authorization.substr(first);
}

}  // namespace

Authenticator::Authenticator(std::string username, std::string_view password)
    : username_(std::move(username)),
      expected_(digest(base64(username_ + ":" + std::string(password)))) {}

std::optional<std::string> Authenticator::recognise(std::string_view authorization) const {
  const auto credentials = basic_credentials(authorization);
  if (!credentials) return std::nullopt;
  // Digests are compared, not texts, so that not even the length can be felt.
  const Digest presented = digest(*credentials);
  if (CRYPTO_memcmp(presented.data(), expected_.data(), expected_.size()) != 0) return std::nullopt;
  return username_;
}

Authenticator::Digest Authenticator::digest(std::string_view text) {
  Digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

}  // namespace fuota::server::api
