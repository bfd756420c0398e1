#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "esp_rom_crc.h"

namespace simulator::flash {

/// What ESP-IDF's otadata and NVS begin their checksums with.
constexpr std::uint32_t kCrc32Begin = 0xFFFFFFFF;

/// The CRC-32 of IEEE 802.3, reflected, as the chip's ROM computes it: `before` is the result for
/// the bytes that went before, or kCrc32Begin.
[[nodiscard]] inline std::uint32_t crc32(std::span<const std::uint8_t> bytes,
                                         std::uint32_t before = kCrc32Begin) {
  return esp_rom_crc32_le(before, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
}

}  // namespace simulator::flash
