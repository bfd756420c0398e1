#include "slot_writer.hpp"

#include <cstring>

namespace fuota::update {

esp_err_t SlotWriter::take(std::size_t bytes) {
  filled_ += bytes;
  return filled_ == sector_.size() ? write_sector() : ESP_OK;
}

esp_err_t SlotWriter::write_sector() {
  if (offset_ + kSectorBytes > slot_->size) return ESP_ERR_INVALID_SIZE;
  esp_err_t error = esp_partition_erase_range(slot_, offset_, kSectorBytes);
  if (error != ESP_OK) return error;

  // Up to the end of an encryption block; what is behind the image stays erased.
  const std::size_t padded = (filled_ + kHeadBytes - 1) / kHeadBytes * kHeadBytes;
  std::memset(sector_.data() + filled_, 0xFF, padded - filled_);
  std::size_t skipped = 0;
  if (offset_ == 0) {
    skipped = kHeadBytes;
    std::memcpy(head_.data(), sector_.data(), kHeadBytes);
  }
  if (padded > skipped) {
    error =
        esp_partition_write(slot_, offset_ + skipped, sector_.data() + skipped, padded - skipped);
    if (error != ESP_OK) return error;
  }
  offset_ += kSectorBytes;
  filled_ = 0;
  return ESP_OK;
}

void SlotWriter::resume(std::uint32_t written_bytes,
                        const std::array<std::uint8_t, kHeadBytes>& head) {
  offset_ = written_bytes;
  filled_ = 0;
  head_ = head;
}

esp_err_t SlotWriter::read_back(std::uint32_t offset, std::size_t bytes) {
  const esp_err_t error = esp_partition_read(slot_, offset, sector_.data(), bytes);
  if (error == ESP_OK && offset == 0) std::memcpy(sector_.data(), head_.data(), kHeadBytes);
  return error;
}

esp_err_t SlotWriter::finish() {
  if (filled_ > 0) {
    const esp_err_t error = write_sector();
    if (error != ESP_OK) return error;
  }
  return esp_partition_write(slot_, 0, head_.data(), head_.size());
}

}  // namespace fuota::update
