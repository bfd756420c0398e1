#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "esp_partition.h"

namespace fuota::update {

constexpr std::size_t kSectorBytes = 4096;

/// Writes an image to an app slot, sector by sector, erasing each just before it is written. The
/// first bytes are kept back until `finish`, so that what is in the slot is no image before.
class SlotWriter {
 public:
  /// `slot` is not the running one, and stays valid.
  explicit SlotWriter(const esp_partition_t* slot) : slot_(slot) {}
  SlotWriter(const SlotWriter&) = delete;
  SlotWriter& operator=(const SlotWriter&) = delete;

  /// Where the caller puts the next bytes: free room of the sector in progress, never empty.
  [[nodiscard]] std::uint8_t* room() { return sector_.data() + filled_; }
  [[nodiscard]] std::size_t room_bytes() const { return sector_.size() - filled_; }

  /// Takes `bytes` bytes that the caller put into the room. Writes the sector when it is full.
  /// Blocks for an erase and a write, 50 ms typically. ESP_ERR_INVALID_SIZE behind the end of the
  /// slot, or what the flash driver says.
  [[nodiscard]] esp_err_t take(std::size_t bytes);

  /// Writes what is left, then the bytes kept back.
  [[nodiscard]] esp_err_t finish();

  /// The first sector of the image, while it is the one in progress.
  [[nodiscard]] const std::uint8_t* sector() const { return sector_.data(); }
  [[nodiscard]] std::size_t sector_filled() const { return filled_; }

 private:
  /// One block of flash encryption: the smallest unit that may be written on its own.
  static constexpr std::size_t kHeadBytes = 16;

  [[nodiscard]] esp_err_t write_sector();

  const esp_partition_t* slot_;
  std::size_t offset_ = 0;  ///< of the sector in progress
  std::size_t filled_ = 0;
  std::array<std::uint8_t, kHeadBytes> head_{};
  std::array<std::uint8_t, kSectorBytes> sector_{};
};

}  // namespace fuota::update
