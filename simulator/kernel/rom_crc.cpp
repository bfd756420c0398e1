#include "esp_rom_crc.h"

#include <array>
#include <cstdint>

namespace {

using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table() {
  constexpr std::uint32_t kPolynomial = 0xEDB88320;
  Table table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

constexpr Table kTable = make_table();

}  // namespace

extern "C" uint32_t esp_rom_crc32_le(uint32_t crc, uint8_t const* buf, uint32_t len) {
  crc = ~crc;
  for (uint32_t i = 0; i < len; ++i) crc = (crc >> 8) ^ kTable[(crc ^ buf[i]) & 0xFF];
  return ~crc;
}
