#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/boot/application.hpp"
#include "simulator/boot/bootloader.hpp"
#include "simulator/boot/otadata.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "tests/support/image_builder/image_builder.hpp"

namespace simulator::boot {

/// As the sample application's, with smaller slots: nvs, otadata, ota_0, ota_1.
extern const std::string_view kTwoSlotsCsv;
/// The same with a factory partition in front and a test partition behind.
extern const std::string_view kFactoryCsv;
/// Three slots.
extern const std::string_view kThreeSlotsCsv;

/// A small image: another content for another `seed`.
fuota::test::Image small_image(std::uint64_t seed = 1);

/// A board with a flash chip that a test prepares, boots and runs applications on.
class Board {
 public:
  explicit Board(std::string_view csv = kTwoSlotsCsv, const std::string& chip = "esp32");

  flash::FlashChip& chip() { return chip_; }
  const ChipModel& model() const { return model_; }
  const flash::PartitionTable& table() const { return table_; }
  /// Lines of the bootloader and of applications since the last call.
  std::vector<std::string> take_log();

  bool rollback = true;                               ///< in the bootloader and in the applications
  kernel::IdfVersion idf = kernel::IdfVersion::v5_5;  ///< of both

  void burn(std::string_view label, const fuota::test::Image& image);
  void erase(std::string_view label);
  void set_entry(int index, const OtadataEntry& entry);
  OtadataEntry entry(int index);
  /// The bytes of both entries' sectors.
  std::vector<std::uint8_t> otadata_bytes();

  BootResult boot();
  /// The label of what boots, or "" when nothing does.
  std::string boot_label();

  /// Boots, and runs `body` as the application's only task. `body` must not throw.
  kernel::StopReason run(const std::function<void()>& body);

 private:
  const flash::Partition& partition(std::string_view label) const;

  const ChipModel& model_;
  flash::PartitionTable table_;
  flash::FlashChip chip_;
  std::vector<std::string> log_;
};

/// The partition with that label, in a running application.
const esp_partition_t* labelled(const char* label);
/// The label, or "" for null.
std::string label_of(const esp_partition_t* partition);

}  // namespace simulator::boot
