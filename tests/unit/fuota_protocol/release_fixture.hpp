#pragma once

#include <openssl/sha.h>

#include <string>
#include <string_view>

#include "fuota_protocol/base64url.hpp"
#include "fuota_protocol/public_key.hpp"

/// What the tests of signed documents share: base64url of texts, SHA-256, and the documents'
/// JSON put together from parts.
namespace fuota::protocol {

inline std::string base64url(std::string_view bytes) {
  std::string text(base64url_size(bytes.size()), '?');
  text.resize(base64url_encode(bytes.data(), bytes.size(), text.data()));
  return text;
}

inline bool openssl_sha256(const void* data, std::size_t bytes, Sha256& out) {
  return SHA256(static_cast<const unsigned char*>(data), bytes, out.data()) != nullptr;
}

/// One entry of a JWS's `signatures`.
inline std::string signature_json(std::string_view protected_header, std::string_view signature) {
  return R"({"protected":")" + base64url(protected_header) + R"(","signature":")" +
         base64url(signature) + "\"}";
}

inline std::string jws_json(std::string_view payload, std::string_view signatures) {
  return R"({"payload":")" + base64url(payload) + R"(","signatures":[)" + std::string(signatures) +
         "]}";
}

}  // namespace fuota::protocol
