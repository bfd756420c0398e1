#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace simulator::flash {

/// What ESP-IDF's otadata and NVS begin their checksums with.
constexpr std::uint32_t kCrc32Begin = 0xFFFFFFFF;

/// The CRC-32 of IEEE 802.3, reflected, as the chip's ROM computes it in `esp_rom_crc32_le`:
/// `before` is the result for the bytes that went before, or kCrc32Begin.
[[nodiscard]] constexpr std::uint32_t crc32(std::span<const std::uint8_t> bytes,
                                            std::uint32_t before = kCrc32Begin) {
  constexpr std::uint32_t kReflectedPolynomial = 0xEDB88320;
  constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t remainder = i;
      for (int bit = 0; bit < 8; ++bit) {
        remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kReflectedPolynomial : 0);
      }
      table[i] = remainder;
    }
    return table;
  }();
  std::uint32_t remainder = ~before;
  for (const std::uint8_t byte : bytes) {
    remainder = (remainder >> 8) ^ kTable[(remainder ^ byte) & 0xFF];
  }
  return ~remainder;
}

}  // namespace simulator::flash
