#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"

/// The answer of the native check (docs/protocol.md, layer 2).
namespace fuota::protocol {

/// The media type of an offer, and what a device sends as Accept: it prefers an offer and takes the
/// compatible answer.
constexpr std::string_view kOfferMediaType = "application/vnd.fuota.offer+json";
constexpr std::string_view kCheckAccept = "application/vnd.fuota.offer+json, text/csv;q=0.5";

/// The format of an artifact that is the image itself.
constexpr std::string_view kFullFormat = "full";

/// One way to get the image. The views point into the offer's text.
struct Artifact {
  std::string_view format;       ///< "full", or one that a later version defines
  std::string_view url;          ///< a path on the server that made the offer: begins with '/'
  std::uint32_t size_bytes = 0;  ///< of what the URL serves, 1 to kFileBytesMax
  Sha256 sha256{};               ///< of what the URL serves
};

/// A parsed offer. The views point into the text that it was parsed from, which must live as long.
struct Offer {
  /// Names this offer of this release to this device: the same as long as the server means the
  /// same, another one when it offers anew. 1 to kDeploymentBytesMax printable ASCII characters.
  FixedText<kDeploymentBytesMax> deployment;
  std::string_view manifest;  ///< the signed manifest's JSON text, for parse_jws
  std::array<Artifact, kArtifactsMax> artifacts{};
  std::size_t artifact_count = 0;  ///< 1 to kArtifactsMax; the server's preference, best first
};

struct OfferParse {
  DocumentProblem problem;
  Offer offer;
};

/// Parses an offer of at most kOfferBytesMax bytes. An offer beyond kArtifactsMax artifacts is
/// refused; members that are not known are ignored. A URL is a path of 1 to kArtifactUrlBytesMax
/// characters of RFC 3986 that begins with one '/' alone, so that it can't name another host.
/// `manifest` is checked to be an object, no more. Pure, no allocation; uses `parts` of the
/// workspace.
[[nodiscard]] OfferParse parse_offer(std::string_view json, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] OfferParse parse_offer(std::string_view json);

}  // namespace fuota::protocol
