#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fuota_protocol/base64url.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/manifest.hpp"

/// Release keys: ECDSA on NIST P-256 (ES256, RFC 7518 section 3.4).
namespace fuota::protocol {

constexpr std::size_t kCoordinateBytes = 32;

/// A public key: the coordinates x and y of a point, big endian. Whether the point is on the
/// curve, the crypto library checks when it uses the key.
struct PublicKey {
  std::array<std::uint8_t, 2 * kCoordinateBytes> point{};

  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.point == b.point; }
  friend bool operator!=(const PublicKey& a, const PublicKey& b) { return !(a == b); }
};

/// The one line that a public key is written as: base64url of x and y, 86 characters.
constexpr std::size_t kPublicKeyTextBytes = base64url_size(2 * kCoordinateBytes);

/// Reads such a line, without its end. Nothing when `text` is anything else.
[[nodiscard]] std::optional<PublicKey> parse_public_key(std::string_view text);

/// Writes a key as kPublicKeyTextBytes characters, no terminator.
void format_public_key(const PublicKey& key, char out[kPublicKeyTextBytes]);

/// The name of a key, JWS's "kid": its JWK thumbprint with SHA-256 (RFC 7638), 43 characters of
/// base64url. Whoever knows the key can compute it.
constexpr std::size_t kKeyIdBytes = base64url_size(kSha256Bytes);
using KeyId = FixedText<kKeyIdBytes>;

/// Computes a SHA-256. False when the library failed.
using Sha256Function = bool (*)(const void* data, std::size_t bytes, Sha256& out);

/// The name of `key`; empty when `sha256` failed.
[[nodiscard]] KeyId key_id_of(const PublicKey& key, Sha256Function sha256);

/// A public key and its name.
struct NamedKey {
  PublicKey key;
  KeyId id;
};

}  // namespace fuota::protocol
