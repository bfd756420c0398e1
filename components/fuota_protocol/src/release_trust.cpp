#include "fuota_protocol/release_trust.hpp"

#include <array>

namespace fuota::protocol {
namespace {

/// The trusted key that has signed by its own account, at its first place in the list, or nullptr.
const NamedKey* find_key(const TrustedKeys& trusted, const KeyId& id) {
  for (std::size_t i = 0; i < trusted.count; ++i) {
    if (!trusted.keys[i].id.empty() && trusted.keys[i].id == id) return &trusted.keys[i];
  }
  return nullptr;
}

/// How many different keys a list has, so that a key listed twice doesn't make 2 of 2 out of 1.
std::size_t different_keys(const TrustedKeys& trusted) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < trusted.count; ++i) {
    if (find_key(trusted, trusted.keys[i].id) == &trusted.keys[i]) ++different;
  }
  return different;
}

}  // namespace

std::string_view describe(TrustOutcome outcome) {
  switch (outcome) {
    case TrustOutcome::trusted:
      return "is signed by enough trusted keys";
    case TrustOutcome::no_such_threshold:
      return "can't be judged: the threshold is not one of the trusted keys";
    case TrustOutcome::too_few:
      return "is not signed by enough trusted keys";
    case TrustOutcome::failed:
      return "can't be judged: the crypto library failed";
  }
  return "is not trusted";
}

TrustDecision verify_signatures(const Jws& jws, const TrustedKeys& trusted,
                                SignatureVerifier& verifier) {
  TrustDecision decision;
  if (trusted.count > kTrustedKeysMax || trusted.threshold == 0 ||
      trusted.threshold > different_keys(trusted)) {
    decision.outcome = TrustOutcome::no_such_threshold;
    return decision;
  }
  std::array<bool, kTrustedKeysMax> has_signed{};
  for (std::size_t i = 0; i < jws.signature_count; ++i) {
    const JwsSignature& signature = jws.signatures[i];
    if (signature.form != SignatureForm::es256) continue;
    const NamedKey* key = find_key(trusted, signature.key_id);
    if (key == nullptr || has_signed[static_cast<std::size_t>(key - trusted.keys)]) continue;
    switch (verifier.verify(key->key, signing_input(jws, signature), signature.signature)) {
      case SignatureVerifier::Outcome::valid:
        has_signed[static_cast<std::size_t>(key - trusted.keys)] = true;
        ++decision.signers;
        break;
      case SignatureVerifier::Outcome::invalid:
        break;
      case SignatureVerifier::Outcome::failed:
        decision.outcome = TrustOutcome::failed;
        break;
    }
    if (decision.signers == trusted.threshold) {
      decision.outcome = TrustOutcome::trusted;
      break;
    }
  }
  return decision;
}

}  // namespace fuota::protocol
