#include "fuota_protocol/offer.hpp"

#include "json.hpp"

namespace fuota::protocol {
namespace {

bool is_printable_ascii(std::string_view text) {
  for (const char c : text) {
    if (c < 0x21 || c > 0x7E) return false;
  }
  return true;
}

/// A path and perhaps a query (RFC 3986 sections 3.3 and 3.4); "//host" would name another host.
bool is_path(std::string_view url) {
  constexpr std::string_view kPunctuation = "-._~!$&'()*+,;=:@/?%";
  if (url.front() != '/' || url.substr(0, 2) == "//") return false;
  for (const char c : url) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alphanumeric && kPunctuation.find(c) == std::string_view::npos) return false;
  }
  return true;
}

DocumentProblem read_artifact(const Json& json, Json::Part object, Artifact& artifact) {
  std::array<Member, 4> members = {{{"format"}, {"url"}, {"size", Json::Kind::other}, {"sha256"}}};
  if (const auto problem = find_members(json, object, members)) return problem;
  if (const auto problem = read_text(json, members[0], kArtifactFormatBytesMax, artifact.format)) {
    return problem;
  }
  if (!is_printable_ascii(artifact.format)) return {DocumentError::malformed, "format"};
  if (const auto problem = read_text(json, members[1], kArtifactUrlBytesMax, artifact.url)) {
    return problem;
  }
  if (!is_path(artifact.url)) return {DocumentError::malformed, "url"};
  if (const auto problem = read_integer(json, members[2], 1, kFileBytesMax, artifact.size_bytes)) {
    return problem;
  }
  std::string_view digest;
  if (const auto problem = read_text(json, members[3], 2 * kSha256Bytes, digest)) return problem;
  if (!parse_sha256(digest, artifact.sha256)) return {DocumentError::malformed, "sha256"};
  return {};
}

DocumentProblem read_offer(const Json& json, Offer& offer) {
  std::array<Member, 3> members = {
      {{"deployment"}, {"manifest", Json::Kind::object}, {"artifacts", Json::Kind::array}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  std::string_view deployment;
  if (const auto problem = read_text(json, members[0], kDeploymentBytesMax, deployment)) {
    return problem;
  }
  if (!is_printable_ascii(deployment) || !offer.deployment.assign(deployment)) {
    return {DocumentError::malformed, "deployment"};
  }
  offer.manifest = json.text(members[1].value);

  const Json::Part list = members[2].value;
  if (json.count(list) == 0) return {DocumentError::empty, "artifacts"};
  if (json.count(list) > kArtifactsMax) return {DocumentError::overlong, "artifacts"};
  Json::Part object = list + 1;
  for (; offer.artifact_count < json.count(list); ++offer.artifact_count) {
    if (const auto problem = read_artifact(json, object, offer.artifacts[offer.artifact_count])) {
      return problem;
    }
    object = json.after(object);
  }
  return {};
}

}  // namespace

OfferParse parse_offer(std::string_view text, JsonWorkspace& workspace) {
  OfferParse result;
  if (text.size() > kOfferBytesMax) {
    result.problem.error = DocumentError::too_long;
    return result;
  }
  Json json(workspace);
  result.problem.error = json.read(text);
  if (!result.problem) result.problem = read_offer(json, result.offer);
  return result;
}

OfferParse parse_offer(std::string_view text) {
  JsonWorkspace workspace;
  return parse_offer(text, workspace);
}

}  // namespace fuota::protocol
