#pragma once

#include <cstdint>
#include <string_view>

namespace fuota::update {

/// What ESP-IDF calls the chip of this id (esp_chip_id_t), as IDF_TARGET: "esp32c3". Empty for one
/// that is not known here, for which no release can be meant.
[[nodiscard]] std::string_view chip_name(std::uint16_t chip_id);

}  // namespace fuota::update
