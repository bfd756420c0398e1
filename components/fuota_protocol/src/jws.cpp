#include "fuota_protocol/jws.hpp"

#include <cstring>
#include <tuple>

#include "fuota_protocol/base64url.hpp"
#include "json.hpp"
#include "jws_payload.hpp"

namespace fuota::protocol {
namespace {

constexpr std::string_view kAlgorithm = "ES256";
constexpr std::string_view kHeaderBegin = R"({"alg":"ES256","kid":")";
constexpr std::string_view kHeaderEnd = R"("})";

bool is_base64url(std::string_view text) {
  // Four characters are three bytes, so a text can be checked in pieces of four.
  while (!text.empty()) {
    std::array<std::uint8_t, 3> bytes;
    const std::string_view piece = text.substr(0, 4);
    if (!base64url_decode(piece, bytes.data(), bytes.size())) return false;
    text.remove_prefix(piece.size());
  }
  return true;
}

DocumentProblem read_base64url(const Json& json, const Member& member, std::size_t characters_max,
                               std::string_view& out) {
  if (const auto problem = read_text(json, member, characters_max, out)) return problem;
  if (!is_base64url(out)) return {DocumentError::not_base64, member.name};
  return {};
}

DocumentProblem read_signature(const Json& json, Json::Part object, JwsSignature& signature) {
  std::array<Member, 3> members = {
      {{"protected"}, {"signature"}, {"header", Json::Kind::object, false}}};
  if (const auto problem = find_members(json, object, members)) return problem;
  if (members[2].value != 0) return {DocumentError::unprotected_header, "header"};
  if (const auto problem = read_base64url(json, members[0], kProtectedHeaderBase64BytesMax,
                                          signature.protected_header)) {
    return problem;
  }
  return read_base64url(json, members[1], kSignedManifestBytesMax, signature.value);
}

/// Reads all but what is inside the protected headers. Not inlined, so that its memory is free
/// again when the headers are read.
[[gnu::noinline]] DocumentProblem read_document(std::string_view text, std::size_t signatures_max,
                                                JsonWorkspace& workspace, Jws& jws) {
  Json json(workspace);
  if (const auto error = json.read(text); error != DocumentError::none) return {error};
  std::array<Member, 3> members = {{{"payload"},
                                    {"signatures", Json::Kind::array, false},
                                    {"signature", Json::Kind::string, false}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  const Json::Part list = members[1].value;
  if (members[2].value != 0) return {DocumentError::flattened};
  if (list == 0) return {DocumentError::missing, "signatures"};
  if (const auto problem = read_base64url(json, members[0], kManifestBase64BytesMax, jws.payload)) {
    return problem;
  }
  if (json.count(list) == 0) return {DocumentError::empty, "signatures"};
  if (json.count(list) > signatures_max) return {DocumentError::overlong, "signatures"};
  Json::Part object = list + 1;
  for (jws.signature_count = 0; jws.signature_count < json.count(list); ++jws.signature_count) {
    JwsSignature& signature = jws.signatures[jws.signature_count];
    signature = {};  // of the document before
    if (const auto problem = read_signature(json, object, signature)) return problem;
    object = json.after(object);
  }
  return {};
}

/// Reads `alg`, `kid` and `crit` of the protected header.
[[gnu::noinline]] DocumentProblem read_header(JsonWorkspace& workspace, JwsSignature& signature) {
  static_assert(kProtectedHeaderBytesMax <= std::tuple_size_v<decltype(workspace.text)>);
  const auto bytes =
      base64url_decode(signature.protected_header, workspace.text.data(), kProtectedHeaderBytesMax);
  if (!bytes) return {DocumentError::overlong, "protected"};
  Json json(workspace);
  if (const auto error = json.read({workspace.text.data(), *bytes}); error != DocumentError::none) {
    return {error, "protected"};
  }
  std::array<Member, 3> members = {
      {{"alg"}, {"kid", Json::Kind::string, false}, {"crit", Json::Kind::array, false}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  const Json::Part kid = members[1].value;
  if (json.text(members[0].value) != kAlgorithm) {
    signature.form = SignatureForm::other_algorithm;
  } else if (members[2].value != 0) {
    signature.form = SignatureForm::critical_header;
  } else if (kid == 0 || json.text(kid).size() != kKeyIdBytes ||
             !signature.key_id.assign(json.text(kid))) {
    signature.form = SignatureForm::unnamed_key;
  }
  return {};
}

DocumentProblem read_value(JwsSignature& signature) {
  if (signature.form != SignatureForm::es256) return {};
  const auto bytes = base64url_decode(signature.value, signature.signature.data(), kSignatureBytes);
  if (!bytes || *bytes != kSignatureBytes) return {DocumentError::malformed, "signature"};
  return {};
}

}  // namespace

std::string_view describe(SignatureForm form) {
  switch (form) {
    case SignatureForm::es256:
      return "";
    case SignatureForm::other_algorithm:
      return "is not ES256";
    case SignatureForm::critical_header:
      return "has a critical header that is not known";
    case SignatureForm::unnamed_key:
      return "does not name its key by the key's thumbprint";
  }
  return "is not known";
}

DocumentProblem parse_jws(std::string_view json, std::size_t signatures_max,
                          JsonWorkspace& workspace, Jws& jws) {
  static_assert(kSignedRootBytesMax == kSignedManifestBytesMax, "one limit for both");
  if (json.size() > kSignedManifestBytesMax) return {DocumentError::too_long};
  if (const auto problem = read_document(json, signatures_max, workspace, jws)) return problem;
  for (std::size_t i = 0; i < jws.signature_count; ++i) {
    if (const auto problem = read_header(workspace, jws.signatures[i])) return problem;
    if (const auto problem = read_value(jws.signatures[i])) return problem;
  }
  return {};
}

JwsParse parse_jws(std::string_view json, std::size_t signatures_max) {
  JsonWorkspace workspace;
  JwsParse result;
  result.problem = parse_jws(json, signatures_max, workspace, result.jws);
  return result;
}

std::optional<std::string_view> decode_payload(const Jws& jws, JsonWorkspace& workspace) {
  const auto bytes = base64url_decode(jws.payload, workspace.text.data(), workspace.text.size());
  if (!bytes) return std::nullopt;
  return std::string_view(workspace.text.data(), *bytes);
}

ManifestParse manifest_of(const Jws& jws, JsonWorkspace& workspace) {
  if (const auto text = decode_payload(jws, workspace)) return parse_manifest(*text, workspace);
  ManifestParse result;
  result.problem = {DocumentError::not_base64, "payload"};
  return result;
}

ManifestParse manifest_of(const Jws& jws) {
  JsonWorkspace workspace;
  return manifest_of(jws, workspace);
}

void format_protected_header(const KeyId& id, char out[kFormattedHeaderBytes]) {
  const auto put = [&](std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    out += text.size();
  };
  put(kHeaderBegin);
  put(id.view());
  put(kHeaderEnd);
}

}  // namespace fuota::protocol
