#pragma once

#include <cstdint>

#include "esp_err.h"

/// The highest security counter of a release that was confirmed, in NVS: namespace "fuota_b", key
/// "counter", u32. It only grows, and lasts until NVS is erased.
namespace fuota::update {

/// Reads it; 0 when nothing was confirmed yet. Another error than ESP_OK: it is not known.
[[nodiscard]] esp_err_t load_counter(std::uint32_t& counter);

/// Raises it to `counter`. ESP_OK also when it is as high already; nothing is written then.
[[nodiscard]] esp_err_t raise_counter(std::uint32_t counter);

}  // namespace fuota::update
