#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "esp_err.h"
#include "simulator/flash/flash_chip.hpp"

namespace simulator::flash::nvs {

/// What operations of NVS give when the power went in one of them and somebody is left to be told
/// (see flash::Power): ESP-IDF's ESP_ERR_FLASH_OP_FAIL.
constexpr esp_err_t kPowerLost = ESP_ERR_FLASH_BASE + 1;

/// The part of a flash chip that an NVS partition is. From the first loss of power on, nothing is
/// written any more: what is in memory then is no longer what is in the flash.
class Region {
 public:
  /// The chip must outlive the region. Both numbers are multiples of the sector size.
  Region(FlashChip& chip, std::uint32_t address, std::size_t size_bytes)
      : chip_(chip), address_(address), size_bytes_(size_bytes) {}
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

  void read(std::size_t offset, std::span<std::uint8_t> out) const { chip_.read(at(offset), out); }
  /// ESP_OK or kPowerLost, like `erase_page`.
  [[nodiscard]] esp_err_t write(std::size_t offset, std::span<const std::uint8_t> data) {
    return power_is_on_ ? result_of(chip_.write(at(offset), data)) : kPowerLost;
  }
  [[nodiscard]] esp_err_t erase_page(std::size_t offset) {
    return power_is_on_ ? result_of(chip_.erase(at(offset), kSectorBytes)) : kPowerLost;
  }

 private:
  [[nodiscard]] std::uint32_t at(std::size_t offset) const {
    return address_ + static_cast<std::uint32_t>(offset);
  }
  esp_err_t result_of(Power power) {
    power_is_on_ = power == Power::on;
    return power_is_on_ ? ESP_OK : kPowerLost;
  }

  FlashChip& chip_;
  std::uint32_t address_;
  std::size_t size_bytes_;
  bool power_is_on_ = true;
};

}  // namespace simulator::flash::nvs
