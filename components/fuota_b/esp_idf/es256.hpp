#pragma once

#include <cstddef>

#include "fuota_protocol/release_trust.hpp"

/// ES256 (RFC 7518 section 3.4) by the library that ESP-IDF has.
namespace fuota::update {

class Es256Verifier final : public protocol::SignatureVerifier {
 public:
  /// Blocks for a fraction of a second; takes heap meanwhile.
  [[nodiscard]] Outcome verify(const protocol::PublicKey& key, const protocol::SigningInput& input,
                               const protocol::Signature& signature) override;
};

/// A SHA-256 in one piece. False when the library failed.
[[nodiscard]] bool sha256_of(const void* data, std::size_t bytes, protocol::Sha256& out);

}  // namespace fuota::update
