#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/public_key.hpp"
#include "fuota_protocol/release_trust.hpp"
#include "fuota_protocol/root_document.hpp"

/// Whether a root document takes the place of the keys that are trusted.
namespace fuota::protocol {

enum class RootOutcome : std::uint8_t {
  trusted,
  malformed,          ///< what is signed is no root document
  not_next_version,   ///< its version is not the one behind the current one
  no_such_threshold,  ///< the current threshold is none of the current keys
  too_few_of_current,
  too_few_of_new,
  failed,  ///< too few, and the crypto library could not say of all signatures
};

/// One phrase for a person, such as "is not signed by enough of the keys that it names". Static
/// storage.
[[nodiscard]] std::string_view describe(RootOutcome outcome);

/// What was found. `root` counts unless the outcome is `malformed`; it is to be believed, and
/// `keys` are filled in, only with `trusted`.
struct RootDecision {
  RootOutcome outcome = RootOutcome::malformed;
  DocumentProblem problem;          ///< with `malformed`
  std::size_t current_signers = 0;  ///< different current keys, up to their threshold
  std::size_t new_signers = 0;      ///< different keys of its own, up to its threshold
  RootDocument root;
  std::array<NamedKey, kRootKeysMax> keys{};  ///< those of `root`, in its order, with their names
};

/// Decides whether the root document in `jws` takes the place of `current`, the keys of the root
/// document of version `current_version`, or with 0 those that a device was built or provisioned
/// with: its version is `current_version` + 1, and at least `current.threshold` different current
/// keys and at least its own threshold of its own different keys have signed it. So nobody else
/// names new keys, none is taken that can't be used, and every document on the way is seen. Blocks
/// as long as `verifier` does for at most 2 * kSignaturesMax signatures; what is wrong with the
/// document itself is found before any of them. `sha256` is for the names of the keys. Pure apart
/// from these two, no allocation; takes at most 2224 bytes of stack (GCC for RISC-V, -Os) beside
/// theirs and the decision.
[[nodiscard]] RootDecision verify_root(const Jws& jws, const TrustedKeys& current,
                                       std::uint32_t current_version, SignatureVerifier& verifier,
                                       Sha256Function sha256, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] RootDecision verify_root(const Jws& jws, const TrustedKeys& current,
                                       std::uint32_t current_version, SignatureVerifier& verifier,
                                       Sha256Function sha256);

}  // namespace fuota::protocol
