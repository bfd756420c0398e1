#include "simulator/boot/chip_model.hpp"

#include <algorithm>

namespace simulator::boot {
namespace {

constexpr AddressRange kEsp32Mapped[] = {{0x3F400000, 0x3F800000}, {0x400D0000, 0x40400000}};
constexpr AddressRange kEsp32Loadable[] = {
    {0x3FFAE000, 0x40000000},  // DRAM
    {0x40080000, 0x400AA000},  // IRAM
    {0x3FF80000, 0x3FF82000},  // RTC fast, as data
    {0x400C0000, 0x400C2000},  // RTC fast, as code
    {0x50000000, 0x50002000},  // RTC slow
};

constexpr AddressRange kEsp32s2Mapped[] = {{0x3F000000, 0x3FF80000}, {0x40080000, 0x40800000}};
constexpr AddressRange kEsp32s2Loadable[] = {
    {0x3FFB0000, 0x40000000}, {0x40020000, 0x40070000}, {0x3FF9E000, 0x3FFA0000},
    {0x40070000, 0x40072000}, {0x50000000, 0x50002000},
};

constexpr AddressRange kEsp32s3Mapped[] = {{0x3C000000, 0x3E000000}, {0x42000000, 0x44000000}};
constexpr AddressRange kEsp32s3Loadable[] = {
    {0x3FC88000, 0x3FD00000},
    {0x40370000, 0x403E0000},
    {0x600FE000, 0x60100000},
    {0x50000000, 0x50002000},
};

constexpr AddressRange kEsp32c3Mapped[] = {{0x3C000000, 0x3C800000}, {0x42000000, 0x42800000}};
constexpr AddressRange kEsp32c3Loadable[] = {
    {0x3FC80000, 0x3FCE0000},
    {0x4037C000, 0x403E0000},
    {0x50000000, 0x50002000},
};

constexpr AddressRange kEsp32c2Mapped[] = {{0x3C000000, 0x3C400000}, {0x42000000, 0x42400000}};
constexpr AddressRange kEsp32c2Loadable[] = {{0x3FCA0000, 0x3FCE0000}, {0x4037C000, 0x403C0000}};

// Newer chips have one address space for data and code.
constexpr AddressRange kEsp32c6Mapped[] = {{0x42000000, 0x43000000}};
constexpr AddressRange kEsp32c6Loadable[] = {{0x40800000, 0x40880000}, {0x50000000, 0x50004000}};

constexpr AddressRange kEsp32h2Mapped[] = {{0x42000000, 0x43000000}};
constexpr AddressRange kEsp32h2Loadable[] = {{0x40800000, 0x40850000}, {0x50000000, 0x50001000}};

constexpr AddressRange kEsp32c5Mapped[] = {{0x42000000, 0x44000000}};
constexpr AddressRange kEsp32c5Loadable[] = {{0x40800000, 0x40860000}, {0x50000000, 0x50004000}};

constexpr ChipModel kChips[] = {
    {0x0000, "esp32", 300, true, false, kEsp32Mapped, kEsp32Loadable},
    {0x0002, "esp32s2", 100, true, false, kEsp32s2Mapped, kEsp32s2Loadable},
    {0x0005, "esp32c3", 4, false, false, kEsp32c3Mapped, kEsp32c3Loadable},
    {0x0009, "esp32s3", 2, false, false, kEsp32s3Mapped, kEsp32s3Loadable},
    {0x000C, "esp32c2", 102, false, true, kEsp32c2Mapped, kEsp32c2Loadable},
    {0x000D, "esp32c6", 1, false, true, kEsp32c6Mapped, kEsp32c6Loadable},
    {0x0010, "esp32h2", 1, true, true, kEsp32h2Mapped, kEsp32h2Loadable},
    {0x0017, "esp32c5", 100, false, true, kEsp32c5Mapped, kEsp32c5Loadable},
};

}  // namespace

const ChipModel* find_chip(std::uint16_t id) {
  const auto found = std::ranges::find(kChips, id, &ChipModel::id);
  return found == std::end(kChips) ? nullptr : found;
}

const ChipModel* find_chip(std::string_view name) {
  const auto found = std::ranges::find(kChips, name, &ChipModel::name);
  return found == std::end(kChips) ? nullptr : found;
}

std::span<const ChipModel> all_chips() {
  return kChips;
}

}  // namespace simulator::boot
