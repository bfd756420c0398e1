#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/image.hpp"
#include "cli/release_key.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/manifest.hpp"

namespace fuota::cli {

/// The manifest of `image`. Fails when its descriptor has texts that a manifest can't have.
[[nodiscard]] Result<protocol::Manifest> make_manifest(const Image& image, std::uint32_t counter,
                                                       std::chrono::system_clock::time_point now);

/// `manifest`, signed by `key`: a JWS in general JSON serialization, one line.
[[nodiscard]] Result<std::string> sign_manifest(const protocol::Manifest& manifest,
                                                const ReleaseKey& key);

/// The manifest that a signed one carries. Fails when either can't be read; verifies no signature.
[[nodiscard]] Result<protocol::Manifest> read_manifest(std::string_view signed_manifest);

/// Says in one line how `manifest` is about something else than `image`; empty when it is not.
[[nodiscard]] std::string difference(const protocol::Manifest& manifest, const Image& image);

}  // namespace fuota::cli
