#include "offered_release.hpp"

#include "fuota_protocol/offer.hpp"

namespace fuota::update {
namespace {

using protocol::Manifest;

Code code_of(protocol::TrustOutcome outcome) {
  switch (outcome) {
    case protocol::TrustOutcome::trusted:
      return Code::updated;
    case protocol::TrustOutcome::failed:
      return Code::no_memory;
    case protocol::TrustOutcome::no_such_threshold:
    case protocol::TrustOutcome::too_few:
      return Code::bad_signature;
  }
  return Code::bad_signature;
}

/// Fills in the manifest once its signatures are enough, and what it says it is about before.
void read_release(const protocol::Offer& offer, const ReleasePolicy& policy,
                  protocol::SignatureVerifier& verifier, OfferScratch& scratch,
                  OfferedRelease& release) {
  release.problem = protocol::parse_jws(offer.manifest, protocol::kManifestSignaturesMax,
                                        scratch.json, scratch.jws);
  if (release.problem) return;
  const protocol::ManifestParse manifest = protocol::manifest_of(scratch.jws, scratch.json);
  if (!manifest.problem) {
    release.update.deployment = offer.deployment;
    release.update.version = manifest.manifest.version;
    release.update.file = manifest.manifest.sha256;
  }
  protocol::TrustedKeys trusted;
  trusted.keys = policy.keys.data();
  trusted.count = policy.key_count;
  trusted.threshold = policy.threshold;
  const protocol::TrustDecision trust = protocol::verify_signatures(scratch.jws, trusted, verifier);
  release.signers = trust.signers;
  release.code = code_of(trust.outcome);
  if (release.code != Code::updated) return;
  if (manifest.problem) {
    release.code = Code::bad_offer;
    release.problem = manifest.problem;
    return;
  }
  release.manifest = manifest.manifest;
}

struct Rule {
  bool (*is_broken)(const Manifest& manifest, const DeviceFacts& device);
  Code code;
};

/// In this order: what is said of another product means nothing here.
constexpr Rule kRules[] = {
    {[](const Manifest& manifest, const DeviceFacts& device) {
       return manifest.product.view() != device.product;
     },
     Code::wrong_product},
    {[](const Manifest& manifest, const DeviceFacts& device) {
       return manifest.chip.view() != device.chip;
     },
     Code::wrong_chip},
    {[](const Manifest& manifest, const DeviceFacts& device) {
       return manifest.size_bytes > device.slot_bytes;
     },
     Code::too_big},
    {[](const Manifest& manifest, const DeviceFacts& device) {
       return manifest.counter < device.counter;
     },
     Code::old_counter},
    {[](const Manifest& manifest, const DeviceFacts& device) {
       return manifest.sha256 == device.running_image;
     },
     Code::same_image},
};

Code code_of(const Manifest& manifest, const DeviceFacts& device) {
  for (const Rule& rule : kRules) {
    if (rule.is_broken(manifest, device)) return rule.code;
  }
  return Code::updated;
}

/// The first way to the file that is the image itself; empty when none says to be that.
std::string_view find_url(const protocol::Offer& offer, const Manifest& manifest) {
  for (std::size_t i = 0; i < offer.artifact_count; ++i) {
    const protocol::Artifact& artifact = offer.artifacts[i];
    if (artifact.format == protocol::kFullFormat && artifact.size_bytes == manifest.size_bytes &&
        artifact.sha256 == manifest.sha256) {
      return artifact.url;
    }
  }
  return {};
}

}  // namespace

OfferedRelease judge_offer(std::string_view text, const ReleasePolicy& policy,
                           const DeviceFacts& device, protocol::SignatureVerifier& verifier,
                           OfferScratch& scratch) {
  OfferedRelease release;
  const protocol::OfferParse parse = protocol::parse_offer(text, scratch.json);
  if (parse.problem) {
    release.problem = parse.problem;
    return release;
  }
  read_release(parse.offer, policy, verifier, scratch, release);
  if (release.code == Code::updated) release.code = code_of(release.manifest, device);
  if (release.code != Code::updated) return release;
  release.url = find_url(parse.offer, release.manifest);
  if (release.url.empty()) release.code = Code::wrong_file;
  return release;
}

}  // namespace fuota::update
