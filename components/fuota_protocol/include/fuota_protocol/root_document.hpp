#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/public_key.hpp"

/// The root document (docs/protocol.md): which release keys are trusted from now on. It is signed
/// like a manifest; root_trust.hpp says when it is believed.
namespace fuota::protocol {

/// The value of a root document's member `type`, which nothing else that is signed has.
constexpr std::string_view kRootType = "root";

struct RootDocument {
  std::uint32_t version = 0;                   ///< 1 to 2^32 - 1, one more than the one before
  std::size_t threshold = 0;                   ///< how many of the keys must sign: 1 to `key_count`
  std::array<PublicKey, kRootKeysMax> keys{};  ///< different ones
  std::size_t key_count = 0;                   ///< 1 to kRootKeysMax
  FixedText<kCreatedBytes> created;            ///< RFC 3339, UTC, whole seconds, "…T…Z"

  friend bool operator==(const RootDocument& a, const RootDocument& b) {
    return a.version == b.version && a.threshold == b.threshold && a.keys == b.keys &&
           a.key_count == b.key_count && a.created == b.created;
  }
  friend bool operator!=(const RootDocument& a, const RootDocument& b) { return !(a == b); }
};

struct RootParse {
  DocumentProblem problem;
  RootDocument root;
};

/// Parses the JSON text of a root document, at most kRootBytesMax bytes: an object with the members
/// type ("root"), version, threshold, keys (a list of the lines that `parse_public_key` reads) and
/// created, in any order, each exactly once. Members that are not known are ignored. Whether a key
/// is a point of the curve is not looked at. Pure, no allocation; uses `parts` of the workspace.
[[nodiscard]] RootParse parse_root(std::string_view json, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] RootParse parse_root(std::string_view json);

/// The root document that is the payload of `jws`. Says nothing about its signatures.
[[nodiscard]] RootParse root_of(const Jws& jws, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] RootParse root_of(const Jws& jws);

/// Checks what `parse_root` would check of the value of each member: for a root document that is
/// made from something else.
[[nodiscard]] DocumentProblem check_root(const RootDocument& root);

/// The longest text that `format_root` writes.
constexpr std::size_t kFormattedRootBytesMax =
    sizeof(R"({"created":"","keys":[],"threshold":4,"type":"root","version":4294967295})") - 1 +
    kCreatedBytes + kRootKeysMax * (sizeof("\"\",") - 1 + kPublicKeyTextBytes);
static_assert(kFormattedRootBytesMax <= kRootBytesMax);

/// Writes a root document that passes `check_root` as canonical JSON (RFC 8785) to `out`, which has
/// room for kFormattedRootBytesMax bytes, and returns the number of bytes written. No terminator is
/// written.
[[nodiscard]] std::size_t format_root(const RootDocument& root, char* out);

}  // namespace fuota::protocol
