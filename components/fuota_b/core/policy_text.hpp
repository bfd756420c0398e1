#pragma once

#include <string_view>

#include "fuota_b/release_policy.hpp"

namespace fuota::update {

/// What the text of a policy needs from a crypto library.
struct KeyLibrary {
  enum class Outcome : std::uint8_t { usable, unusable, failed };

  protocol::Sha256Function sha256;
  /// Whether the key is a point of the curve.
  Outcome (*check)(const protocol::PublicKey& key);
};

/// `parse_release_policy` with the library passed in.
[[nodiscard]] PolicyProblem read_policy(std::string_view keys, unsigned threshold,
                                        const KeyLibrary& library, ReleasePolicy& out);

}  // namespace fuota::update
