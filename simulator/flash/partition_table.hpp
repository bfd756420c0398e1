#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/flash/result.hpp"

/// The partition table of a chip: the binary form at 0x8000 of the flash, and the CSV form that
/// projects keep it in. Rules: ESP-IDF's `esp_partition_table_verify` (flash_partitions.c) for the
/// binary, `gen_esp32part.py` for the CSV.
namespace simulator::flash {

constexpr std::uint32_t kPartitionTableAddress = 0x8000;
constexpr std::size_t kPartitionTableBytes = 0xC00;
constexpr std::size_t kPartitionEntryBytes = 32;
/// The MD5 and the end mark take an entry each.
constexpr std::size_t kPartitionsMax = kPartitionTableBytes / kPartitionEntryBytes - 2;
constexpr std::size_t kPartitionLabelBytesMax = 16;
constexpr std::uint32_t kAppAlignmentBytes = 0x10000;
constexpr std::uint32_t kOtadataBytes = 0x2000;

/// Types and subtypes as in ESP-IDF's esp_partition.h.
constexpr std::uint8_t kTypeApp = 0x00;
constexpr std::uint8_t kTypeData = 0x01;
constexpr std::uint8_t kSubtypeAppFactory = 0x00;
constexpr std::uint8_t kSubtypeAppOta0 = 0x10;
constexpr std::uint8_t kSubtypeAppOtaEnd = 0x20;  ///< behind the last of the 16 OTA slots
constexpr std::uint8_t kSubtypeAppTest = 0x20;
constexpr std::uint8_t kSubtypeDataOta = 0x00;
constexpr std::uint8_t kSubtypeDataPhy = 0x01;
constexpr std::uint8_t kSubtypeDataNvs = 0x02;
constexpr std::uint8_t kSubtypeDataCoredump = 0x03;

constexpr std::uint32_t kFlagEncrypted = 1u << 0;
constexpr std::uint32_t kFlagReadonly = 1u << 1;

struct Partition {
  std::uint8_t type = 0;
  std::uint8_t subtype = 0;
  std::uint32_t offset = 0;  ///< address in the flash
  std::uint32_t size = 0;    ///< bytes
  std::string label;         ///< at most kPartitionLabelBytesMax bytes
  std::uint32_t flags = 0;

  [[nodiscard]] bool is_ota_slot() const {
    return type == kTypeApp && subtype >= kSubtypeAppOta0 && subtype < kSubtypeAppOtaEnd;
  }
  bool operator==(const Partition&) const = default;
};

class PartitionTable {
 public:
  /// Reads the binary form: `bytes` begins with the first entry; what is behind
  /// kPartitionTableBytes is not looked at. Refuses what the bootloader refuses: an entry without
  /// the magic number, a partition that ends behind `chip_bytes`, an MD5 that doesn't match or
  /// comes twice (none is fine), no end mark, an end mark as the first entry.
  static Result<PartitionTable> parse(std::span<const std::uint8_t> bytes, std::size_t chip_bytes);

  /// Reads the CSV form: lines `name, type, subtype, offset, size, flags`, `#` begins a comment.
  /// An empty offset means right behind the previous partition, aligned as the type demands.
  /// Numbers are decimal or 0x…, with an optional K or M. Refuses what would not work on a chip: a
  /// name that is empty, longer than kPartitionLabelBytesMax or used twice, an unknown type,
  /// subtype or flag, an offset that is not aligned (0x10000 for apps, 0x1000 for others) or
  /// overlaps what is before it, an app whose size is not a number of whole sectors, a second
  /// otadata partition or one that has not kOtadataBytes, a writable NVS partition of less than
  /// three sectors. The message names the line or the partition.
  static Result<PartitionTable> parse_csv(std::string_view csv);

  /// The binary form with its MD5 entry, padded with 0xFF to kPartitionTableBytes.
  [[nodiscard]] std::vector<std::uint8_t> to_binary() const;

  /// In the order of the table.
  [[nodiscard]] const std::vector<Partition>& partitions() const { return partitions_; }
  /// The first partition of that type and subtype, or null. The table owns it.
  [[nodiscard]] const Partition* find(std::uint8_t type, std::uint8_t subtype) const;
  /// The first partition with that label, or null. The table owns it.
  [[nodiscard]] const Partition* find_label(std::string_view label) const;
  /// The OTA slots, ota_0 first, as far as their numbers are dense.
  [[nodiscard]] std::vector<const Partition*> ota_slots() const;
  /// Where the last partition ends: the least size in bytes of a chip for this table.
  [[nodiscard]] std::uint64_t end_bytes() const;

 private:
  explicit PartitionTable(std::vector<Partition> partitions);

  std::vector<Partition> partitions_;
};

}  // namespace simulator::flash
