#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "esp_flash_partitions.h"

/// The rules of the otadata partition: two sectors, each with an entry in its first 32 bytes.
/// Source: ESP-IDF's bootloader_common_loader.c.
namespace simulator::boot {

using OtadataEntry = esp_ota_select_entry_t;
using Otadata = std::array<OtadataEntry, 2>;

constexpr std::uint32_t kSeqBlank = 0xFFFFFFFF;

/// CRC-32 of a sequence number as entries hold it.
[[nodiscard]] std::uint32_t otadata_crc(std::uint32_t seq);

/// An entry with label bytes 0xFF and a right CRC.
[[nodiscard]] OtadataEntry make_entry(std::uint32_t seq, esp_ota_img_states_t state);

[[nodiscard]] bool has_right_crc(const OtadataEntry& entry);
/// Blank, or its image was refused or not confirmed. Says nothing about the CRC: an entry can be
/// neither invalid nor valid.
[[nodiscard]] bool is_invalid(const OtadataEntry& entry);
/// Not invalid, and the CRC is right.
[[nodiscard]] bool is_valid(const OtadataEntry& entry);

enum class Prefer { highest_seq, lowest_seq };
/// The index of the entry that counts among the `candidates`; entry 0 when both are equal.
[[nodiscard]] std::optional<int> select(const Otadata& otadata,
                                        const std::array<bool, 2>& candidates, Prefer prefer);
/// The valid entry with the highest sequence number.
[[nodiscard]] std::optional<int> active_entry(const Otadata& otadata);

/// The OTA slot that an entry means. `slot_count` is at least 1.
[[nodiscard]] unsigned slot_of(const OtadataEntry& entry, unsigned slot_count);

/// The lowest sequence number that is not below `seq` and means `slot`.
[[nodiscard]] std::uint32_t next_seq(std::uint32_t seq, unsigned slot, unsigned slot_count);

}  // namespace simulator::boot
