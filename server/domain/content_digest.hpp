#pragma once

#include <array>
#include <cstdint>

namespace fuota::server::domain {

/// The SHA-256 of a file's content.
using ContentDigest = std::array<std::uint8_t, 32>;

}  // namespace fuota::server::domain
