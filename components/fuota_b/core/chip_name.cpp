#include "chip_name.hpp"

namespace fuota::update {
namespace {

struct ChipRow {
  std::uint16_t id;
  const char* name;
};

/// By esp_app_format.h of v6.0. Each version of ESP-IDF knows those that it can build for, so that
/// its enumeration can't be used here.
constexpr ChipRow kChips[] = {
    {0x0000, "esp32"},    {0x0002, "esp32s2"}, {0x0005, "esp32c3"},  {0x0009, "esp32s3"},
    {0x000C, "esp32c2"},  {0x000D, "esp32c6"}, {0x0010, "esp32h2"},  {0x0012, "esp32p4"},
    {0x0014, "esp32c61"}, {0x0017, "esp32c5"}, {0x0019, "esp32h21"}, {0x001C, "esp32h4"},
};

}  // namespace

std::string_view chip_name(std::uint16_t chip_id) {
  for (const ChipRow& row : kChips) {
    if (row.id == chip_id) return row.name;
  }
  return {};
}

}  // namespace fuota::update
