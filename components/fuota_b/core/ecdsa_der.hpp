#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/public_key.hpp"

/// Keys and signatures on P-256 in the forms that mbedtls_pk_* reads: those of X.509.
namespace fuota::update {

/// A SubjectPublicKeyInfo (RFC 5480 section 2) with an uncompressed point (SEC 1 section 2.3.3).
constexpr std::size_t kPublicKeyDerBytes = 27 + 2 * protocol::kCoordinateBytes;
using PublicKeyDer = std::array<std::uint8_t, kPublicKeyDerBytes>;

[[nodiscard]] PublicKeyDer public_key_der(const protocol::PublicKey& key);

/// The longest Ecdsa-Sig-Value (RFC 3279 section 2.2.3): a sequence of two integers, each of which
/// may need a leading zero byte.
constexpr std::size_t kSignatureDerBytesMax = 2 + 2 * (2 + 1 + protocol::kSignatureBytes / 2);

/// Writes `signature` to `out` (kSignatureDerBytesMax bytes) and returns the number of bytes
/// written. Each value is converted, those that no valid signature has included.
[[nodiscard]] std::size_t write_signature_der(const protocol::Signature& signature,
                                              std::uint8_t* out);

}  // namespace fuota::update
