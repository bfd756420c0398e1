#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.hpp"
#include "cli/release_key.hpp"
#include "fuota_protocol/public_key.hpp"
#include "fuota_protocol/root_document.hpp"

namespace fuota::cli {

/// The root document of version `version` that names `keys`, of which `threshold` must sign. Fails
/// when it breaks a rule of root documents.
[[nodiscard]] Result<protocol::RootDocument> make_root(std::uint32_t version, std::size_t threshold,
                                                       const std::vector<protocol::NamedKey>& keys,
                                                       std::chrono::system_clock::time_point now);

/// `root`, signed by `key`: a JWS in general JSON serialization, one line.
[[nodiscard]] Result<std::string> sign_root(const protocol::RootDocument& root,
                                            const ReleaseKey& key);

/// The root document that a signed one carries. Fails when either can't be read; verifies no
/// signature.
[[nodiscard]] Result<protocol::RootDocument> read_root(std::string_view signed_root);

/// Says in a few words what `root` has otherwise than `wanted`, their times aside; empty when it
/// has nothing.
[[nodiscard]] std::string difference(const protocol::RootDocument& root,
                                     const protocol::RootDocument& wanted);

}  // namespace fuota::cli
