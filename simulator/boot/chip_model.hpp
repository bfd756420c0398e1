#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace simulator::boot {

/// Addresses from `low` up to, but not including, `high`.
struct AddressRange {
  std::uint32_t low;
  std::uint32_t high;

  [[nodiscard]] bool holds(std::uint32_t address) const { return address >= low && address < high; }
};

/// What image checks have to know about a member of the ESP32 family. Figures: ESP-IDF's soc.h,
/// soc_caps.h and esp_app_format.h.
struct ChipModel {
  std::uint16_t id;             ///< esp_chip_id_t, as image headers have it
  std::string_view name;        ///< as ESP-IDF's build system calls the target
  unsigned revision;            ///< major * 100 + minor, of a chip on a board that one can buy
  bool old_headers_name_major;  ///< min_chip_rev is the major revision, else the minor one
  bool page_size_in_image;  ///< the size of the MMU's pages is the one that the image was built for
  std::span<const AddressRange> flash_mapped;  ///< where segments appear without being copied
  std::span<const AddressRange> loadable;      ///< RAM that segments are copied to
};

/// Bytes of a page of the MMU, unless the image says otherwise.
constexpr std::uint32_t kMmuPageBytes = 0x10000;

/// Null for an id or a name that is not known.
[[nodiscard]] const ChipModel* find_chip(std::uint16_t id);
[[nodiscard]] const ChipModel* find_chip(std::string_view name);
/// All of them, the oldest first.
[[nodiscard]] std::span<const ChipModel> all_chips();

}  // namespace simulator::boot
