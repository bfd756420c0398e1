#include "fuota_protocol/root_trust.hpp"

namespace fuota::protocol {
namespace {

RootOutcome outcome_of(TrustOutcome trust, RootOutcome too_few) {
  switch (trust) {
    case TrustOutcome::trusted:
      return RootOutcome::trusted;
    case TrustOutcome::no_such_threshold:
      return RootOutcome::no_such_threshold;
    case TrustOutcome::too_few:
      return too_few;
    case TrustOutcome::failed:
      return RootOutcome::failed;
  }
  return RootOutcome::failed;
}

bool name_keys(const RootDocument& root, Sha256Function sha256,
               std::array<NamedKey, kRootKeysMax>& keys) {
  for (std::size_t i = 0; i < root.key_count; ++i) {
    keys[i].key = root.keys[i];
    keys[i].id = key_id_of(root.keys[i], sha256);
    if (keys[i].id.empty()) return false;
  }
  return true;
}

}  // namespace

std::string_view describe(RootOutcome outcome) {
  switch (outcome) {
    case RootOutcome::trusted:
      return "is signed by enough of the current keys and of its own";
    case RootOutcome::malformed:
      return "is no root document";
    case RootOutcome::not_next_version:
      return "is not the version that follows the current one";
    case RootOutcome::no_such_threshold:
      return "can't be judged: the threshold is not one of the current keys";
    case RootOutcome::too_few_of_current:
      return "is not signed by enough of the current keys";
    case RootOutcome::too_few_of_new:
      return "is not signed by enough of the keys that it names";
    case RootOutcome::failed:
      return "can't be judged: the crypto library failed";
  }
  return "is not trusted";
}

RootDecision verify_root(const Jws& jws, const TrustedKeys& current, std::uint32_t current_version,
                         SignatureVerifier& verifier, Sha256Function sha256,
                         JsonWorkspace& workspace) {
  RootDecision decision;
  const RootParse parse = root_of(jws, workspace);
  decision.problem = parse.problem;
  if (parse.problem) return decision;
  decision.root = parse.root;
  // Not `current_version` + 1, which would wrap around; a version is at least 1.
  if (decision.root.version - 1 != current_version) {
    decision.outcome = RootOutcome::not_next_version;
    return decision;
  }
  const TrustDecision by_current = verify_signatures(jws, current, verifier);
  decision.current_signers = by_current.signers;
  decision.outcome = outcome_of(by_current.outcome, RootOutcome::too_few_of_current);
  if (decision.outcome != RootOutcome::trusted) return decision;
  if (!name_keys(decision.root, sha256, decision.keys)) {
    decision.outcome = RootOutcome::failed;
    return decision;
  }
  const TrustDecision by_new = verify_signatures(
      jws, {decision.keys.data(), decision.root.key_count, decision.root.threshold}, verifier);
  decision.new_signers = by_new.signers;
  decision.outcome = outcome_of(by_new.outcome, RootOutcome::too_few_of_new);
  return decision;
}

RootDecision verify_root(const Jws& jws, const TrustedKeys& current, std::uint32_t current_version,
                         SignatureVerifier& verifier, Sha256Function sha256) {
  JsonWorkspace workspace;
  return verify_root(jws, current, current_version, verifier, sha256, workspace);
}

}  // namespace fuota::protocol
