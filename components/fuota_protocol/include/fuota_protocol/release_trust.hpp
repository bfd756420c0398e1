#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/public_key.hpp"

/// Whether enough trusted keys have signed a document.
namespace fuota::protocol {

/// Verifies one signature; the platform has the library for it (OpenSSL, mbedTLS, PSA).
class SignatureVerifier {
 public:
  enum class Outcome : std::uint8_t {
    valid,
    invalid,  ///< also when `key` is no point of the curve
    failed,   ///< the library could not say, such as for lack of memory
  };

  /// Verifies the ES256 signature of the ASCII text protected_header, '.', payload. Blocks as long
  /// as the library takes.
  [[nodiscard]] virtual Outcome verify(const PublicKey& key, const SigningInput& input,
                                       const Signature& signature) = 0;

 protected:
  ~SignatureVerifier() = default;
};

/// The keys that are trusted. Borrowed.
struct TrustedKeys {
  const NamedKey* keys = nullptr;
  std::size_t count = 0;      ///< at most kTrustedKeysMax
  std::size_t threshold = 1;  ///< how many different keys must have signed: 1 to `count`
};

enum class TrustOutcome : std::uint8_t {
  trusted,
  no_such_threshold,  ///< the threshold is 0 or above the number of keys, or there are too many
  too_few,            ///< fewer than `threshold` trusted keys have signed
  failed,             ///< too few, and a signature could not be verified: the library failed
};

/// One phrase for a person. Static storage.
[[nodiscard]] std::string_view describe(TrustOutcome outcome);

struct TrustDecision {
  TrustOutcome outcome = TrustOutcome::too_few;
  std::size_t signers = 0;  ///< different trusted keys with a valid signature, up to the threshold
};

/// Decides whether at least `trusted.threshold` different trusted keys have signed `jws`, whatever
/// is in it. A key counts once, however often it has signed and however often it is listed.
/// Signatures by other keys, of other forms and wrong ones count for nothing, and spoil nothing.
/// All signatures are verified at most, none behind the one that is enough.
[[nodiscard]] TrustDecision verify_signatures(const Jws& jws, const TrustedKeys& trusted,
                                              SignatureVerifier& verifier);

}  // namespace fuota::protocol
