#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuota_b/release_policy.hpp"

/// The keys of the newest root document, as the device keeps them. Rules only.
namespace fuota::update {

/// "FK", version of the layout, number of keys, threshold, 3 zeros, version of the root document
/// (little endian), the keys, zeros for those that there aren't. NVS has a CRC of its own for each
/// blob, and stores one whole or not at all.
constexpr std::size_t kRootRecordBytes =
    8 + sizeof(std::uint32_t) + kReleaseKeysMax * 2 * protocol::kCoordinateBytes;
using RootRecordBytes = std::array<std::uint8_t, kRootRecordBytes>;

[[nodiscard]] RootRecordBytes encode(const ReleasePolicy& policy);

/// Reads keys, threshold and version; the names of the keys are empty as yet. False when the bytes
/// are no record of a known layout, or say what can't be; `policy` is unchanged then.
[[nodiscard]] bool decode(const std::uint8_t* data, std::size_t bytes, ReleasePolicy& policy);

}  // namespace fuota::update
