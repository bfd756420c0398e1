#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/release_key.hpp"
#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/jws.hpp"

namespace fuota::cli {

/// A kind of document that release keys sign.
struct DocumentKind {
  std::string_view name;  ///< for people
  std::size_t signatures_max;
};
constexpr DocumentKind kManifestKind{"manifest", protocol::kManifestSignaturesMax};
constexpr DocumentKind kRootKind{"root document", protocol::kRootSignaturesMax};

/// The JSON text `json`, signed by `key`: a JWS in general JSON serialization, one line.
[[nodiscard]] Result<std::string> sign_document(std::string_view json, const DocumentKind& kind,
                                                const ReleaseKey& key);

/// Takes a signed document apart; the result points into `text`. Verifies no signature.
[[nodiscard]] Result<protocol::Jws> read_signed(std::string_view text, const DocumentKind& kind);

/// The signed document `text` with a signature by `key` behind the others. Unchanged when it
/// already has a valid one by that key. Fails when it has an invalid one, or no room for another.
[[nodiscard]] Result<std::string> add_signature(std::string_view text, const DocumentKind& kind,
                                                const ReleaseKey& key);

/// `its "version" is missing`.
[[nodiscard]] std::string describe(const protocol::DocumentProblem& problem);

/// A time as documents have it, "2026-11-23T05:34:24Z".
[[nodiscard]] std::string created_at(std::chrono::system_clock::time_point now);

}  // namespace fuota::cli
