#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "esp_partition.h"
#include "resume_record.hpp"

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

  /// Goes on where an earlier writer stopped: `written_bytes` bytes, a multiple of kSectorBytes,
  /// are in the slot, but for the first ones, `head`. Drops what was taken and not written.
  void resume(std::uint32_t written_bytes, const std::array<std::uint8_t, kHeadBytes>& head);

  /// What is in the slot, but for the first bytes: whole sectors.
  [[nodiscard]] std::uint32_t written_bytes() const { return static_cast<std::uint32_t>(offset_); }
  [[nodiscard]] const std::array<std::uint8_t, kHeadBytes>& head() const { return head_; }

  /// Reads `bytes` bytes at `offset` of what was written, at most a sector, into the room, the
  /// bytes kept back in their place. Only while no sector is in progress.
  [[nodiscard]] esp_err_t read_back(std::uint32_t offset, std::size_t bytes);

  /// Writes what is left, then the bytes kept back.
  [[nodiscard]] esp_err_t finish();

  /// The sector's memory, kSectorBytes of it, for something else while no image is on its way: what
  /// was taken and not written is dropped.
  [[nodiscard]] std::uint8_t* lend() {
    filled_ = 0;
    return sector_.data();
  }

  /// The first sector of the image, while it is the one in progress.
  [[nodiscard]] const std::uint8_t* sector() const { return sector_.data(); }
  [[nodiscard]] std::size_t sector_filled() const { return filled_; }

 private:
  [[nodiscard]] esp_err_t write_sector();

  const esp_partition_t* slot_;
  std::size_t offset_ = 0;  ///< of the sector in progress
  std::size_t filled_ = 0;
  std::array<std::uint8_t, kHeadBytes> head_{};
  std::array<std::uint8_t, kSectorBytes> sector_{};
};

}  // namespace fuota::update
