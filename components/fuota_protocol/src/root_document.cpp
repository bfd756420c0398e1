#include "fuota_protocol/root_document.hpp"

#include "created.hpp"
#include "json.hpp"
#include "json_writer.hpp"
#include "jws_payload.hpp"

namespace fuota::protocol {
namespace {

enum Index : std::size_t { kType, kVersion, kThreshold, kKeys, kCreated };

bool has_key(const RootDocument& root, std::size_t count, const PublicKey& key) {
  for (std::size_t i = 0; i < count; ++i) {
    if (root.keys[i] == key) return true;
  }
  return false;
}

DocumentProblem read_key(const Json& json, const Member& element, PublicKey& out) {
  if (json.kind(element.value) != element.kind) return {DocumentError::wrong_type, element.name};
  std::string_view text;
  if (const auto problem = read_text(json, element, kPublicKeyTextBytes, text)) return problem;
  const auto key = parse_public_key(text);
  if (!key) return {DocumentError::malformed, element.name};
  out = *key;
  return {};
}

DocumentProblem read_keys(const Json& json, const Member& list, RootDocument& root) {
  root.key_count = json.count(list.value);
  if (root.key_count > kRootKeysMax) return {DocumentError::overlong, list.name};
  Member element{list.name, Json::Kind::string};
  element.value = list.value + 1;
  for (std::size_t i = 0; i < root.key_count; ++i) {
    if (const auto problem = read_key(json, element, root.keys[i])) return problem;
    element.value = json.after(element.value);
  }
  return {};
}

DocumentProblem read_root(const Json& json, RootDocument& root) {
  using Kind = Json::Kind;
  std::array<Member, 5> members = {{{"type"},
                                    {"version", Kind::other},
                                    {"threshold", Kind::other},
                                    {"keys", Kind::array},
                                    {"created"}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  if (json.text(members[kType].value) != kRootType) return {DocumentError::malformed, "type"};
  if (const auto problem = read_integer(json, members[kVersion], 1, UINT32_MAX, root.version)) {
    return problem;
  }
  std::uint32_t threshold = 0;
  if (const auto problem = read_integer(json, members[kThreshold], 1, kRootKeysMax, threshold)) {
    return problem;
  }
  root.threshold = threshold;
  if (const auto problem = read_keys(json, members[kKeys], root)) return problem;
  if (const auto problem = take_text(json, members[kCreated], root.created)) return problem;
  return check_root(root);
}

}  // namespace

RootParse parse_root(std::string_view text, JsonWorkspace& workspace) {
  RootParse result;
  if (text.size() > kRootBytesMax) {
    result.problem.error = DocumentError::too_long;
    return result;
  }
  Json json(workspace);
  result.problem.error = json.read(text);
  if (!result.problem) result.problem = read_root(json, result.root);
  return result;
}

RootParse parse_root(std::string_view text) {
  JsonWorkspace workspace;
  return parse_root(text, workspace);
}

RootParse root_of(const Jws& jws, JsonWorkspace& workspace) {
  if (const auto text = decode_payload(jws, workspace)) return parse_root(*text, workspace);
  RootParse result;
  result.problem = {DocumentError::not_base64, "payload"};
  return result;
}

RootParse root_of(const Jws& jws) {
  JsonWorkspace workspace;
  return root_of(jws, workspace);
}

DocumentProblem check_root(const RootDocument& root) {
  if (root.version == 0) return {DocumentError::malformed, "version"};
  if (root.key_count == 0) return {DocumentError::empty, "keys"};
  if (root.key_count > kRootKeysMax) return {DocumentError::overlong, "keys"};
  for (std::size_t i = 1; i < root.key_count; ++i) {
    if (has_key(root, i, root.keys[i])) return {DocumentError::repeated, "keys"};
  }
  if (root.threshold == 0 || root.threshold > root.key_count) {
    return {DocumentError::malformed, "threshold"};
  }
  if (!is_created(root.created.view())) return {DocumentError::malformed, "created"};
  return {};
}

std::size_t format_root(const RootDocument& root, char* out) {
  JsonWriter json(out);
  json.put("{\"created\":\"");
  json.put(root.created.view());
  json.put("\",\"keys\":[");
  for (std::size_t i = 0; i < root.key_count; ++i) {
    char line[kPublicKeyTextBytes];
    format_public_key(root.keys[i], line);
    json.put(i == 0 ? "\"" : ",\"");
    json.put({line, sizeof line});
    json.put("\"");
  }
  json.put("],\"threshold\":");
  json.put_number(static_cast<std::uint32_t>(root.threshold));
  json.put(",\"type\":\"");
  json.put(kRootType);
  json.put("\",\"version\":");
  json.put_number(root.version);
  json.put("}");
  return json.written();
}

}  // namespace fuota::protocol
