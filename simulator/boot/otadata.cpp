#include "simulator/boot/otadata.hpp"

#include <cstring>

#include "simulator/flash/crc32.hpp"

namespace simulator::boot {
namespace {

static_assert(sizeof(OtadataEntry) == 32);

}  // namespace

std::uint32_t otadata_crc(std::uint32_t seq) {
  std::array<std::uint8_t, sizeof seq> bytes;
  std::memcpy(bytes.data(), &seq, sizeof seq);
  return flash::crc32(bytes);
}

OtadataEntry make_entry(std::uint32_t seq, esp_ota_img_states_t state) {
  OtadataEntry entry;
  std::memset(&entry, 0xFF, sizeof entry);
  entry.ota_seq = seq;
  entry.ota_state = state;
  entry.crc = otadata_crc(seq);
  return entry;
}

bool has_right_crc(const OtadataEntry& entry) {
  return entry.crc == otadata_crc(entry.ota_seq);
}

bool is_invalid(const OtadataEntry& entry) {
  return entry.ota_seq == kSeqBlank || entry.ota_state == ESP_OTA_IMG_INVALID ||
         entry.ota_state == ESP_OTA_IMG_ABORTED;
}

bool is_valid(const OtadataEntry& entry) {
  return !is_invalid(entry) && has_right_crc(entry);
}

std::optional<int> select(const Otadata& otadata, const std::array<bool, 2>& candidates,
                          Prefer prefer) {
  if (candidates[0] && candidates[1]) {
    const std::uint32_t first = otadata[0].ota_seq;
    const std::uint32_t second = otadata[1].ota_seq;
    return prefer == Prefer::highest_seq ? (first >= second ? 0 : 1) : (first <= second ? 0 : 1);
  }
  if (candidates[0]) return 0;
  if (candidates[1]) return 1;
  return std::nullopt;
}

std::optional<int> active_entry(const Otadata& otadata) {
  return select(otadata, {is_valid(otadata[0]), is_valid(otadata[1])}, Prefer::highest_seq);
}

unsigned slot_of(const OtadataEntry& entry, unsigned slot_count) {
  return (entry.ota_seq - 1) % slot_count;
}

std::uint32_t next_seq(std::uint32_t seq, unsigned slot, unsigned slot_count) {
  std::uint32_t next = (slot + 1) % slot_count;
  if (next < seq) next += (seq - next + slot_count - 1) / slot_count * slot_count;
  return next;
}

}  // namespace simulator::boot
