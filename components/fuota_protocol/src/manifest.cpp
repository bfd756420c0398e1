#include "fuota_protocol/manifest.hpp"

#include "created.hpp"
#include "fuota_protocol/names.hpp"
#include "json.hpp"
#include "json_writer.hpp"

namespace fuota::protocol {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_chip(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c) && (c < 'a' || c > 'z')) return false;
  }
  return true;
}

DocumentProblem check_text(std::string_view name, std::string_view text) {
  if (text.empty()) return {DocumentError::empty, name};
  // Product and version are used as names too, such as in a device's row.
  if (check_version(text) != NameError::none) return {DocumentError::malformed, name};
  return {};
}

enum Index : std::size_t { kProduct, kVersion, kChip, kSize, kSha256, kCounter, kCreated };

DocumentProblem read_manifest(const Json& json, Manifest& manifest) {
  using Kind = Json::Kind;
  std::array<Member, 7> members = {{{"product"},
                                    {"version"},
                                    {"chip"},
                                    {"size", Kind::other},
                                    {"sha256"},
                                    {"counter", Kind::other},
                                    {"created"}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  if (const auto problem = take_text(json, members[kProduct], manifest.product)) return problem;
  if (const auto problem = take_text(json, members[kVersion], manifest.version)) return problem;
  if (const auto problem = take_text(json, members[kChip], manifest.chip)) return problem;
  if (const auto problem =
          read_integer(json, members[kSize], 1, kFileBytesMax, manifest.size_bytes)) {
    return problem;
  }
  std::string_view digest;
  if (const auto problem = read_text(json, members[kSha256], 2 * kSha256Bytes, digest)) {
    return problem;
  }
  if (!parse_sha256(digest, manifest.sha256)) return {DocumentError::malformed, "sha256"};
  if (const auto problem = read_integer(json, members[kCounter], 0, UINT32_MAX, manifest.counter)) {
    return problem;
  }
  if (const auto problem = take_text(json, members[kCreated], manifest.created)) return problem;
  return check_manifest(manifest);
}

}  // namespace

ManifestParse parse_manifest(std::string_view text, JsonWorkspace& workspace) {
  ManifestParse result;
  if (text.size() > kManifestBytesMax) {
    result.problem.error = DocumentError::too_long;
    return result;
  }
  Json json(workspace);
  result.problem.error = json.read(text);
  if (!result.problem) result.problem = read_manifest(json, result.manifest);
  return result;
}

ManifestParse parse_manifest(std::string_view text) {
  JsonWorkspace workspace;
  return parse_manifest(text, workspace);
}

DocumentProblem check_manifest(const Manifest& manifest) {
  if (const auto problem = check_text("product", manifest.product.view())) return problem;
  if (const auto problem = check_text("version", manifest.version.view())) return problem;
  if (manifest.chip.empty()) return {DocumentError::empty, "chip"};
  if (!is_chip(manifest.chip.view())) return {DocumentError::malformed, "chip"};
  if (manifest.size_bytes == 0 || manifest.size_bytes > kFileBytesMax) {
    return {DocumentError::malformed, "size"};
  }
  if (!is_created(manifest.created.view())) return {DocumentError::malformed, "created"};
  return {};
}

std::size_t format_manifest(const Manifest& manifest, char* out) {
  char digest[2 * kSha256Bytes];
  format_sha256(manifest.sha256, digest);

  JsonWriter json(out);
  json.put("{\"chip\":\"");
  json.put(manifest.chip.view());
  json.put("\",\"counter\":");
  json.put_number(manifest.counter);
  json.put(",\"created\":\"");
  json.put(manifest.created.view());
  json.put("\",\"product\":\"");
  json.put(manifest.product.view());
  json.put("\",\"sha256\":\"");
  json.put({digest, sizeof digest});
  json.put("\",\"size\":");
  json.put_number(manifest.size_bytes);
  json.put(",\"version\":\"");
  json.put(manifest.version.view());
  json.put("\"}");
  return json.written();
}

bool parse_sha256(std::string_view text, Sha256& out) {
  if (text.size() != 2 * kSha256Bytes) return false;
  for (std::size_t i = 0; i < kSha256Bytes; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

void format_sha256(const Sha256& digest, char out[2 * kSha256Bytes]) {
  for (std::size_t i = 0; i < kSha256Bytes; ++i) {
    out[2 * i] = kHexDigits[digest[i] >> 4];
    out[2 * i + 1] = kHexDigits[digest[i] & 0x0F];
  }
}

}  // namespace fuota::protocol
