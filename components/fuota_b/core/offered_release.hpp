#pragma once

#include <cstdint>
#include <string_view>

#include "fuota_b/code.hpp"
#include "fuota_b/release_policy.hpp"
#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/release_trust.hpp"
#include "update_subject.hpp"

/// Whether what a server offers is installed: rules only (docs/protocol.md, layer 2).
namespace fuota::update {

/// What a release is held against.
struct DeviceFacts {
  std::string_view product;          ///< esp_app_desc_t::project_name of the running image
  std::string_view chip;             ///< as ESP-IDF calls it, "esp32c3"; empty: not known
  std::uint32_t slot_bytes = 0;      ///< room for an image
  std::uint32_t counter = 0;         ///< the highest that was confirmed
  protocol::Sha256 running_image{};  ///< of the running image's file, all of it
};

/// What was found. `manifest` counts only when the signatures are enough, `url` only with
/// `updated`; it points into the offer. `update` is what the offer itself says it is about, good
/// for a report to its server and nothing else; empty when it can't be read.
struct OfferedRelease {
  /// `updated`: to be installed. `same_image`: it runs already. Else why it is refused:
  /// `bad_offer`, `bad_signature`, `wrong_product`, `wrong_chip`, `too_big`, `old_counter`,
  /// `wrong_file`, or `no_memory` when the crypto library failed.
  Code code = Code::bad_offer;
  protocol::DocumentProblem problem;  ///< what is wrong with the offer, with `bad_offer`
  std::size_t signers = 0;            ///< trusted keys that have signed
  protocol::Manifest manifest;
  std::string_view url;
  UpdateSubject update;
};

/// The memory in which an offer is read, about 4 KiB. What is in it means nothing before and after.
struct OfferScratch {
  protocol::JsonWorkspace json;
  protocol::Jws jws;
};

/// Judges the text of an offer. `policy` has keys. Nothing that isn't signed by enough of them is
/// believed, except the ways to the file, whose bytes the manifest's hash will have to fit.
/// Blocks as long as `verifier` does, for at most protocol::kManifestSignaturesMax signatures.
/// Takes at most 2496 bytes of stack (GCC for RISC-V, -Os) beside the verifier's, 1360 of them for
/// the deepest JSON.
[[nodiscard]] OfferedRelease judge_offer(std::string_view text, const ReleasePolicy& policy,
                                         const DeviceFacts& device,
                                         protocol::SignatureVerifier& verifier,
                                         OfferScratch& scratch);

}  // namespace fuota::update
