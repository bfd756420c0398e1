#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/boot/chip_model.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/kernel/idf_version.hpp"

/// ESP-IDF's second-stage bootloader: from power-on to the application that runs.
namespace simulator::boot {

struct BootOptions {
  const ChipModel* model = nullptr;  ///< of the board; not null
  /// CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE: new images get one trial boot.
  bool rollback = true;
  kernel::IdfVersion idf = kernel::IdfVersion::v5_5;
  /// Called with each line of the log, in ESP-IDF's format, without a newline. May be empty.
  std::function<void(std::string_view line)> log;
};

enum class BootOutcome {
  booted,
  nothing_bootable,  ///< the chip resets and tries again, for ever
  power_lost,        ///< the power was cut at one of the bootloader's writes (FlashChip's hook)
};

struct BootResult {
  BootOutcome outcome = BootOutcome::nothing_bootable;
  /// What the flash says, if it could be read. Always there when booted.
  std::optional<flash::PartitionTable> table;
  /// What runs now, a partition of `table`. Only when booted.
  std::optional<flash::Partition> partition;
  /// Why nothing boots: one line for a person. Empty in the other cases.
  std::string reason;
  /// How long it took in the chip's time.
  std::int64_t duration_us = 0;
};

/// Boots once. Chooses by partition table and otadata, checks images until one is good, and writes
/// otadata as ESP-IDF's bootloader_utility.c does (without anti-rollback, secure boot, factory
/// reset pin): a new image is marked as on trial before it is checked, an image whose trial was
/// not confirmed is marked as aborted, a chip without any valid entry and without a factory
/// partition gets its first. Must not run while a task of a session does.
[[nodiscard]] BootResult boot(flash::FlashChip& chip, const BootOptions& options);

}  // namespace simulator::boot
