#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/limits.hpp"

/// The release manifest (docs/protocol.md, layer 2): what the operator signs about one image.
namespace fuota::protocol {

constexpr std::size_t kSha256Bytes = 32;
using Sha256 = std::array<std::uint8_t, kSha256Bytes>;

/// "2026-11-23T05:34:24Z"
constexpr std::size_t kCreatedBytes = 20;

/// What one release is. Every text lies in the manifest itself.
struct Manifest {
  FixedText<kProductBytesMax> product;         ///< esp_app_desc_t::project_name of the image
  FixedText<kReleaseVersionBytesMax> version;  ///< esp_app_desc_t::version of the image
  FixedText<kChipBytesMax> chip;               ///< ESP-IDF's name of the target, such as "esp32c3"
  std::uint32_t size_bytes = 0;                ///< of the image file, 1 to kFileBytesMax
  Sha256 sha256{};                             ///< of the image file, all `size_bytes` of it

  /// Security counter: a device refuses a release whose counter is lower than the highest that it
  /// has confirmed. 32 bits, as ESP-IDF's esp_app_desc_t::secure_version, its default.
  std::uint32_t counter = 0;

  FixedText<kCreatedBytes> created;  ///< RFC 3339, UTC, whole seconds, "…T…Z"

  friend bool operator==(const Manifest& a, const Manifest& b) {
    return a.product == b.product && a.version == b.version && a.chip == b.chip &&
           a.size_bytes == b.size_bytes && a.sha256 == b.sha256 && a.counter == b.counter &&
           a.created == b.created;
  }
  friend bool operator!=(const Manifest& a, const Manifest& b) { return !(a == b); }
};

struct ManifestParse {
  DocumentProblem problem;
  Manifest manifest;
};

/// Parses the JSON text of a manifest, at most kManifestBytesMax bytes: an object with the members
/// product, version, chip, size, sha256 (64 lower-case hexadecimal digits), counter and created, in
/// any order, each exactly once. Members that are not known are ignored, so that later versions
/// can add some. Pure, no allocation; uses `parts` of the workspace.
[[nodiscard]] ManifestParse parse_manifest(std::string_view json, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] ManifestParse parse_manifest(std::string_view json);

/// Checks what `parse_manifest` would check of the value of each member: for a manifest that is
/// made from something else.
[[nodiscard]] DocumentProblem check_manifest(const Manifest& manifest);

/// The longest text that `format_manifest` writes.
constexpr std::size_t kFormattedManifestBytesMax =
    sizeof(R"({"chip":"","counter":4294967295,"created":"","product":"","sha256":"","size":)"
           R"(4294967295,"version":""})") -
    1 + kChipBytesMax + kCreatedBytes + kProductBytesMax + 2 * kSha256Bytes +
    kReleaseVersionBytesMax;
static_assert(kFormattedManifestBytesMax <= kManifestBytesMax);

/// Writes a manifest that passes `check_manifest` as canonical JSON (RFC 8785: members in order of
/// their names, no white space) to `out`, which has room for kFormattedManifestBytesMax bytes, and
/// returns the number of bytes written. No terminator is written.
[[nodiscard]] std::size_t format_manifest(const Manifest& manifest, char* out);

/// Reads 64 lower-case hexadecimal digits. False when `text` is anything else.
[[nodiscard]] bool parse_sha256(std::string_view text, Sha256& out);

/// Writes a digest as 64 lower-case hexadecimal digits, no terminator.
void format_sha256(const Sha256& digest, char out[2 * kSha256Bytes]);

}  // namespace fuota::protocol
