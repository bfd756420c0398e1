#pragma once

#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"

namespace fuota::update {

/// Which update a trial or a report is about: the offer that it came with, and what its manifest
/// says. Empty for an update that nobody signed, about which nothing is reported.
struct UpdateSubject {
  protocol::FixedText<protocol::kDeploymentBytesMax> deployment;
  protocol::FixedText<protocol::kReleaseVersionBytesMax> version;
  protocol::Sha256 file{};  ///< of the whole image file

  [[nodiscard]] bool empty() const { return deployment.empty(); }
};

}  // namespace fuota::update
