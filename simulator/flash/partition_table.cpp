#include "simulator/flash/partition_table.hpp"

#include <mbedtls/md5.h>

#include <algorithm>
#include <array>
#include <utility>

#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/hex.hpp"

namespace simulator::flash {
namespace {

constexpr std::uint16_t kMagicPartition = 0x50AA;
constexpr std::uint16_t kMagicMd5 = 0xEBEB;
constexpr std::uint16_t kMagicEnd = 0xFFFF;
constexpr std::uint8_t kTypeEnd = 0xFF;
constexpr std::size_t kMd5Offset = 16;  ///< in its entry

using Entry = std::span<const std::uint8_t>;
using Md5 = std::array<std::uint8_t, 16>;

std::uint32_t little_endian(Entry bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

void append_little_endian(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

Md5 md5_of(Entry bytes) {
  Md5 digest{};
  mbedtls_md5_ret(bytes.data(), bytes.size(), digest.data());
  return digest;
}

Partition decode(Entry entry) {
  Partition partition;
  partition.type = entry[2];
  partition.subtype = entry[3];
  partition.offset = little_endian(entry.subspan(4, 4));
  partition.size = little_endian(entry.subspan(8, 4));
  const Entry label = entry.subspan(12, kPartitionLabelBytesMax);
  partition.label.assign(label.begin(), std::ranges::find(label, 0));
  partition.flags = little_endian(entry.subspan(28, 4));
  return partition;
}

void encode(const Partition& partition, std::vector<std::uint8_t>& out) {
  append_little_endian(out, kMagicPartition, 2);
  out.push_back(partition.type);
  out.push_back(partition.subtype);
  append_little_endian(out, partition.offset, 4);
  append_little_endian(out, partition.size, 4);
  std::array<std::uint8_t, kPartitionLabelBytesMax> label{};
  std::ranges::copy(partition.label, label.begin());
  out.insert(out.end(), label.begin(), label.end());
  append_little_endian(out, partition.flags, 4);
}

std::string in_entry(std::size_t index) {
  return "partition table entry " + std::to_string(index);
}

}  // namespace

PartitionTable::PartitionTable(std::vector<Partition> partitions)
    : partitions_(std::move(partitions)) {}

Result<PartitionTable> PartitionTable::parse(std::span<const std::uint8_t> bytes,
                                             std::size_t chip_bytes) {
  std::vector<Partition> partitions;
  bool md5_seen = false;
  const std::size_t entries = std::min(bytes.size(), kPartitionTableBytes) / kPartitionEntryBytes;
  for (std::size_t index = 0; index < entries; ++index) {
    const std::size_t offset = index * kPartitionEntryBytes;
    const Entry entry = bytes.subspan(offset, kPartitionEntryBytes);
    const std::uint32_t magic = little_endian(entry.first(2));
    if (magic == kMagicPartition) {
      partitions.push_back(decode(entry));
      const Partition& partition = partitions.back();
      if (std::uint64_t{partition.offset} + partition.size > chip_bytes) {
        return Error{in_entry(index) + ": offset " + hex(partition.offset) + " size " +
                     hex(partition.size) + " exceeds the flash chip of " + hex(chip_bytes)};
      }
    } else if (magic == kMagicMd5) {
      if (std::exchange(md5_seen, true)) return Error{in_entry(index) + ": a second MD5"};
      if (!std::ranges::equal(md5_of(bytes.first(offset)), entry.subspan(kMd5Offset))) {
        return Error{in_entry(index) + ": the MD5 doesn't match"};
      }
    } else if (index > 0 && magic == kMagicEnd && entry[2] == kTypeEnd && entry[3] == kTypeEnd) {
      return PartitionTable(std::move(partitions));
    } else {
      return Error{in_entry(index) + ": invalid magic number " + hex(magic)};
    }
  }
  return Error{"the partition table has no end mark"};
}

std::vector<std::uint8_t> PartitionTable::to_binary() const {
  std::vector<std::uint8_t> out;
  out.reserve(kPartitionTableBytes);
  for (const Partition& partition : partitions_) encode(partition, out);
  const Md5 md5 = md5_of(out);
  append_little_endian(out, kMagicMd5, 2);
  out.insert(out.end(), kMd5Offset - 2, kErasedByte);
  out.insert(out.end(), md5.begin(), md5.end());
  out.resize(kPartitionTableBytes, kErasedByte);
  return out;
}

const Partition* PartitionTable::find(std::uint8_t type, std::uint8_t subtype) const {
  const auto found = std::ranges::find_if(partitions_, [&](const Partition& partition) {
    return partition.type == type && partition.subtype == subtype;
  });
  return found == partitions_.end() ? nullptr : &*found;
}

const Partition* PartitionTable::find_label(std::string_view label) const {
  const auto found = std::ranges::find(partitions_, label, &Partition::label);
  return found == partitions_.end() ? nullptr : &*found;
}

std::vector<const Partition*> PartitionTable::ota_slots() const {
  std::vector<const Partition*> slots;
  for (std::uint8_t subtype = kSubtypeAppOta0; subtype < kSubtypeAppOtaEnd; ++subtype) {
    const Partition* slot = find(kTypeApp, subtype);
    if (slot == nullptr) break;
    slots.push_back(slot);
  }
  return slots;
}

std::uint64_t PartitionTable::end_bytes() const {
  std::uint64_t end = 0;
  for (const Partition& partition : partitions_) {
    end = std::max(end, std::uint64_t{partition.offset} + partition.size);
  }
  return end;
}

}  // namespace simulator::flash
