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
#include "fuota_protocol/public_key.hpp"

/// A signed document (a manifest, or a root document): a JWS in general JSON serialization (RFC
/// 7515 section 7.2.1).
namespace fuota::protocol {

constexpr std::size_t kSignatureBytes = 64;

/// r and s, 32 bytes each, big endian (RFC 7518 section 3.4).
using Signature = std::array<std::uint8_t, kSignatureBytes>;

/// What a signature can count for.
enum class SignatureForm : std::uint8_t {
  es256,            ///< has a key id and a signature of the right size: worth verifying
  other_algorithm,  ///< `alg` is not ES256
  critical_header,  ///< has `crit`, and so asks for an extension that is not known here
  unnamed_key,      ///< has no `kid`, or one that no key of ours can have
};

/// One phrase for a person, such as "is not ES256". Static storage; "" for es256.
[[nodiscard]] std::string_view describe(SignatureForm form);

/// What a signature signs: ASCII(protected || '.' || payload) (RFC 7515 section 5.1).
struct SigningInput {
  std::string_view protected_header;  ///< base64url, as in the document
  std::string_view payload;           ///< base64url, as in the document
};

/// `key_id` and `signature` count only when `form` is es256.
struct JwsSignature {
  SignatureForm form = SignatureForm::es256;
  std::string_view protected_header;  ///< base64url, a view into the document
  std::string_view value;             ///< the signature in base64url, a view into the document
  KeyId key_id;
  Signature signature{};
};

/// A parsed JWS. The views point into the document that it was parsed from, which must live as
/// long.
struct Jws {
  std::string_view payload;  ///< base64url, checked to be such
  std::array<JwsSignature, kSignaturesMax> signatures{};
  std::size_t signature_count = 0;  ///< 1 to kSignaturesMax
};

struct JwsParse {
  DocumentProblem problem;
  Jws jws;
};

/// Parses a signed document of at most kSignedManifestBytesMax bytes: an object with `payload` and
/// `signatures`, a list of 1 to `signatures_max` objects with `protected` and `signature`;
/// `signatures_max` is kManifestSignaturesMax or kRootSignaturesMax, by what is to be read. What is
/// not known beside them is ignored (RFC 7515 section 7.2.1), except `header`: nothing that isn't
/// signed may speak of a signature, so one with such a header is refused. A signature of a form
/// that isn't known here doesn't spoil the others: it is listed with that form and counts for
/// nothing. Verifies nothing. Writes to `jws`, whose content counts only when there is no problem.
/// Pure, no allocation.
[[nodiscard]] DocumentProblem parse_jws(std::string_view json, std::size_t signatures_max,
                                        JsonWorkspace& workspace, Jws& jws);

/// The same with the workspace on the stack.
[[nodiscard]] JwsParse parse_jws(std::string_view json,
                                 std::size_t signatures_max = kManifestSignaturesMax);

[[nodiscard]] inline SigningInput signing_input(const Jws& jws, const JwsSignature& signature) {
  return {signature.protected_header, jws.payload};
}

/// The manifest that is the payload of `jws`. Says nothing about its signatures.
[[nodiscard]] ManifestParse manifest_of(const Jws& jws, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] ManifestParse manifest_of(const Jws& jws);

/// The protected header that fuota writes for a signature by key `id`: canonical JSON.
constexpr std::size_t kFormattedHeaderBytes =
    sizeof(R"({"alg":"ES256","kid":""})") - 1 + kKeyIdBytes;

/// Writes it to `out`, no terminator. `id` has kKeyIdBytes characters.
void format_protected_header(const KeyId& id, char out[kFormattedHeaderBytes]);

}  // namespace fuota::protocol
