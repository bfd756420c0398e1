#include "simulator/flash/partitions.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/flash/hex.hpp"
#include "simulator/kernel/misuse.hpp"

namespace simulator::flash {
namespace {

using kernel::misuse;

Partitions* current_partitions = nullptr;

esp_partition_t as_esp_partition(const Partition& partition, FlashChip& chip) {
  esp_partition_t result{};
  result.flash_chip = reinterpret_cast<esp_flash_t*>(&chip);
  result.type = static_cast<esp_partition_type_t>(partition.type);
  result.subtype = static_cast<esp_partition_subtype_t>(partition.subtype);
  result.address = partition.offset;
  result.size = partition.size;
  result.erase_size = kSectorBytes;
  partition.label.copy(result.label, kPartitionLabelBytesMax);
  result.encrypted = false;  // no partition is, while the chip's flash encryption is off
  result.readonly = (partition.flags & kFlagReadonly) != 0;
  return result;
}

bool overlap(std::uint32_t address, std::size_t length, const esp_partition_t& partition) {
  return address < std::uint64_t{partition.address} + partition.size &&
         address + length > partition.address;
}

void need_power(const char* operation, Power power) {
  if (power == Power::lost) misuse(operation, "the power was cut outside of a task");
}

}  // namespace

Partitions::Partitions(FlashChip& chip, const PartitionTable& table, const Partition* running,
                       kernel::IdfVersion idf)
    : chip_(chip) {
  if (current_partitions != nullptr) misuse("Partitions", "there is a session already");
  for (const Partition& partition : table.partitions()) {
    partitions_.push_back(as_esp_partition(partition, chip));
    if (idf == kernel::IdfVersion::v4_4) partitions_.back().readonly = false;
  }
  if (running != nullptr) {
    const auto index = std::ranges::find(table.partitions(), *running) - table.partitions().begin();
    if (index == std::ssize(partitions_)) {
      misuse("Partitions", "the running partition is not one of the table");
    }
    running_ = &partitions_[static_cast<std::size_t>(index)];
  }
  current_partitions = this;
}

Partitions::~Partitions() {
  current_partitions = nullptr;
}

Partitions& Partitions::current() {
  if (current_partitions == nullptr) misuse("Partitions::current", "no chip is running");
  return *current_partitions;
}

Partitions* Partitions::current_or_null() {
  return current_partitions;
}

std::size_t Partitions::find(std::size_t begin, esp_partition_type_t type,
                             esp_partition_subtype_t subtype, const char* label) const {
  const auto matches = [&](const esp_partition_t& partition) {
    return (type == ESP_PARTITION_TYPE_ANY || type == partition.type) &&
           (subtype == ESP_PARTITION_SUBTYPE_ANY || subtype == partition.subtype) &&
           (label == nullptr || std::strcmp(label, partition.label) == 0);
  };
  const auto found = std::find_if(partitions_.begin() + static_cast<std::ptrdiff_t>(begin),
                                  partitions_.end(), matches);
  return static_cast<std::size_t>(found - partitions_.begin());
}

void Partitions::write(std::uint32_t address, std::span<const std::uint8_t> data) {
  check_not_dangerous("flash write", address, data.size());
  need_power("flash write", chip_.write(address, data));
}

void Partitions::erase(std::uint32_t address, std::size_t length) {
  check_not_dangerous("flash erase", address, length);
  need_power("flash erase", chip_.erase(address, length));
}

esp_partition_iterator_t Partitions::keep(
    std::unique_ptr<esp_partition_iterator_opaque_> iterator) {
  return iterators_.emplace_back(std::move(iterator)).get();
}

void Partitions::release(esp_partition_iterator_t iterator) {
  if (iterator == nullptr) return;
  const auto is_same = [&](const auto& kept) { return kept.get() == iterator; };
  if (iterators_.remove_if(is_same) == 0) {
    misuse("esp_partition_iterator_release", "the iterator was released already");
  }
}

void Partitions::check_not_dangerous(const char* operation, std::uint32_t address,
                                     std::size_t length) const {
  if (length == 0) return;
  if (address <= kPartitionTableAddress + kPartitionTableBytes) {
    misuse(operation, "at " + hex(address) + ": in the bootloader or the partition table");
  }
  if (running_ != nullptr && overlap(address, length, *running_)) {
    misuse(operation, hex(length) + " bytes at " + hex(address) + ": in the running slot");
  }
}

}  // namespace simulator::flash
