#pragma once

#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "esp_partition.h"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/kernel/idf_version.hpp"

namespace simulator::flash {

/// The partitions as a running application sees them (esp_partition.h): the state of ESP-IDF's
/// partition component for one power-on session. While it exists it is the current one, on which
/// the functions of esp_partition.h act; one at a time.
class Partitions {
 public:
  /// `running` is the partition of `table` that the bootloader booted; it may be null in tests,
  /// then no application partition is protected from being written. The chip must outlive the
  /// session, the table need not. v4.4 knows no read-only partitions and ignores their flag.
  Partitions(FlashChip& chip, const PartitionTable& table, const Partition* running,
             kernel::IdfVersion idf = kernel::IdfVersion::v5_5);
  ~Partitions();
  Partitions(const Partitions&) = delete;
  Partitions& operator=(const Partitions&) = delete;

  /// Ends the process with a message when there is none.
  static Partitions& current();
  static Partitions* current_or_null();

  [[nodiscard]] FlashChip& chip() { return chip_; }
  /// In the order of the table; the pointers that the API hands out point in here.
  [[nodiscard]] const std::vector<esp_partition_t>& all() const { return partitions_; }
  /// The partition whose application runs, or null.
  [[nodiscard]] const esp_partition_t* running() const { return running_; }

  /// The first partition from index `begin` on that matches, or `all().size()`. The wildcards are
  /// those of esp_partition_find.
  [[nodiscard]] std::size_t find(std::size_t begin, esp_partition_type_t type,
                                 esp_partition_subtype_t subtype, const char* label) const;

  /// Changes a range of the flash on behalf of the application, as esp_flash_write and
  /// esp_flash_erase_region with CONFIG_SPI_FLASH_DANGEROUS_WRITE_ABORTS do: a range in the running
  /// slot, or before the end of the partition table, ends the process. So does a cut of the power
  /// outside of a task, since nobody could hand that on.
  void write(std::uint32_t address, std::span<const std::uint8_t> data);
  void erase(std::uint32_t address, std::size_t length);

  /// Iterators belong to the session, since a power cut drops the tasks that hold them.
  esp_partition_iterator_t keep(std::unique_ptr<esp_partition_iterator_opaque_> iterator);
  void release(esp_partition_iterator_t iterator);

 private:
  void check_not_dangerous(const char* operation, std::uint32_t address, std::size_t length) const;

  FlashChip& chip_;
  std::vector<esp_partition_t> partitions_;
  const esp_partition_t* running_ = nullptr;
  std::list<std::unique_ptr<esp_partition_iterator_opaque_>> iterators_;
};

}  // namespace simulator::flash

/// Where a search stands: what it looks for, and the match that it is on.
struct esp_partition_iterator_opaque_ {
  esp_partition_type_t type;
  esp_partition_subtype_t subtype;
  const char* label;  ///< the caller's, as in ESP-IDF: must live as long as the iterator
  std::size_t index;
};
