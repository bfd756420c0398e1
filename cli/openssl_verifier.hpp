#pragma once

#include "fuota_protocol/release_trust.hpp"

namespace fuota::cli {

/// Verifies ES256 with OpenSSL.
class OpensslVerifier final : public protocol::SignatureVerifier {
 public:
  [[nodiscard]] Outcome verify(const protocol::PublicKey& key, const protocol::SigningInput& input,
                               const protocol::Signature& signature) override;
};

/// Whether signatures can be verified with `key`: that it is a point of the curve.
[[nodiscard]] bool is_usable(const protocol::PublicKey& key);

}  // namespace fuota::cli
