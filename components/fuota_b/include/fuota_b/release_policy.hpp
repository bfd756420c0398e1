#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuota_protocol/public_key.hpp"

/// Whose releases a device installs (docs/protocol.md, layer 2).
namespace fuota::update {

constexpr std::size_t kReleaseKeysMax = 4;

/// The public release keys that a device trusts. The caller owns it, and keeps it for as long as an
/// update lasts. Without keys, no signature is asked for. `parse_release_policy` fills it in.
struct ReleasePolicy {
  std::array<protocol::NamedKey, kReleaseKeysMax> keys{};
  std::size_t key_count = 0;
  std::size_t threshold = 1;  ///< how many different keys must have signed: 1 to `key_count`

  /// The version of the root document that names these keys; 0: none does. Where the device has
  /// seen a later root document, its keys count instead (docs/releases.md, "Rotate keys").
  std::uint32_t version = 0;
};

enum class PolicyProblem : std::uint8_t {
  none,
  no_key,         ///< nothing but spaces
  bad_key,        ///< not a public key in one line, or no point of the curve P-256
  repeated_key,   ///< the same key twice
  too_many_keys,  ///< more than kReleaseKeysMax
  bad_threshold,  ///< 0, or more than there are keys
  no_memory,      ///< the crypto library failed
};

/// Reads public keys as `fuota key public` prints them, 86 characters each, separated by one or
/// more spaces or line ends, and checks that they can be used; `version` becomes 0. `keys` is
/// NUL-terminated. With any problem, `out` is unchanged: the caller must not go on without keys
/// then. Blocks for some milliseconds a key.
[[nodiscard]] PolicyProblem parse_release_policy(const char* keys, unsigned threshold,
                                                 ReleasePolicy& out);

/// A few words for the log, "not a public key". Static storage.
[[nodiscard]] const char* describe(PolicyProblem problem);

}  // namespace fuota::update
