#include "simulator/boot/bootloader.hpp"

#include <array>
#include <cinttypes>
#include <cstring>
#include <utility>
#include <vector>

#include "esp_idf_version.h"
#include "simulator/boot/image.hpp"
#include "simulator/boot/otadata.hpp"
#include "simulator/boot/text.hpp"
#include "simulator/kernel/misuse.hpp"

namespace simulator::boot {
namespace {

using flash::FlashChip;
using flash::kSectorBytes;
using flash::Partition;
using flash::PartitionTable;
using flash::Power;

constexpr char kTag[] = "boot";

/// When the bootloader's first line appears on a real board.
constexpr std::int64_t kStartUs = 27'000;
/// What a line of the log takes at 115,200 baud, at the usual length.
constexpr std::int64_t kLogLineUs = 4'000;
/// An erase and a write of an otadata entry.
constexpr std::int64_t kWriteEntryUs = flash::kSectorEraseUs + flash::kPageProgramUs;

/// Slots that are not OTA slots have indices of their own, as in ESP-IDF.
constexpr int kIndexFactory = -1;

constexpr unsigned kOtaSlotsMax = flash::kSubtypeAppOtaEnd - flash::kSubtypeAppOta0;

class Console : public Surroundings {
 public:
  explicit Console(const std::function<void(std::string_view)>& sink) : sink_(sink) {}

  void log(LogLevel level, const char* tag, const char* message) override {
    constexpr char kLetters[] = {'E', 'W', 'I'};
    if (sink_) {
      const Text line("%c (%" PRId64 ") %s: %s", kLetters[static_cast<int>(level)],
                      elapsed_us_ / 1000, tag, message);
      sink_(std::string_view(line));
    }
    spend(kLogLineUs);
  }
  void spend(std::int64_t duration_us) override { elapsed_us_ += duration_us; }

  [[nodiscard]] std::int64_t elapsed_us() const { return elapsed_us_; }

 private:
  const std::function<void(std::string_view)>& sink_;
  std::int64_t elapsed_us_ = kStartUs;
};

struct Usage {
  std::uint8_t type;
  std::uint8_t subtype;
  const char* name;
};

/// As the bootloader lists partitions; NVS is "WiFi data" there for historical reasons.
constexpr Usage kUsages[] = {
    {flash::kTypeApp, flash::kSubtypeAppFactory, "factory app"},
    {flash::kTypeApp, flash::kSubtypeAppTest, "test app"},
    {flash::kTypeData, flash::kSubtypeDataOta, "OTA data"},
    {flash::kTypeData, flash::kSubtypeDataPhy, "RF data"},
    {flash::kTypeData, flash::kSubtypeDataNvs, "WiFi data"},
    {flash::kTypeData, 0x04, "NVS keys"},
    {flash::kTypeData, 0x05, "efuse"},
};

const char* usage_of(const Partition& partition) {
  for (const Usage& usage : kUsages) {
    if (usage.type == partition.type && usage.subtype == partition.subtype) return usage.name;
  }
  if (partition.is_ota_slot()) return "OTA app";
  if (partition.type == flash::kTypeApp) return "Unknown app";
  return partition.type == flash::kTypeData ? "Unknown data" : "unknown";
}

/// One boot. Steps that write to the flash return Power::lost when that was the end.
class Boot {
 public:
  Boot(FlashChip& chip, const BootOptions& options)
      : chip_(chip), options_(options), console_(options.log) {}

  BootResult run() {
    result_.outcome = try_to_boot();
    if (result_.outcome == BootOutcome::nothing_bootable) error(result_.reason.c_str());
    result_.duration_us = console_.elapsed_us();
    return std::move(result_);
  }

 private:
  void info(const char* message) { console_.log(LogLevel::info, kTag, message); }
  void error(const char* message) { console_.log(LogLevel::error, kTag, message); }

  BootOutcome fail(const char* reason) {
    result_.reason = reason;
    return BootOutcome::nothing_bootable;
  }

  BootOutcome try_to_boot() {
    info(Text("ESP-IDF %s 2nd stage bootloader", esp_get_idf_version()));
    const unsigned revision = options_.model->revision;
    info(Text("chip revision: v%d.%d", revision / 100, revision % 100));
    if (!load_partition_table()) return BootOutcome::nothing_bootable;
    if (choose() == Power::lost) return BootOutcome::power_lost;
    if (!index_) return BootOutcome::nothing_bootable;
    return load_application();
  }

  bool load_partition_table() {
    if (chip_.size_bytes() <= flash::kPartitionTableAddress) {
      fail("the flash is too small for a partition table");
      return false;
    }
    auto table = PartitionTable::parse(chip_.content().subspan(flash::kPartitionTableAddress),
                                       chip_.size_bytes());
    if (!table) {
      error(table.error().message.c_str());
      error("Failed to verify partition table");
      fail("load partition table error!");
      return false;
    }
    result_.table = std::move(table).value();
    list_partitions();
    find_bootable_partitions();
    return true;
  }

  void list_partitions() {
    info("Partition Table:");
    info("## Label            Usage          Type ST Offset   Length");
    int number = 0;
    for (const Partition& partition : result_.table->partitions()) {
      info(Text("%2d %-16s %-16s %02x %02x %08" PRIx32 " %08" PRIx32, number++,
                partition.label.c_str(), usage_of(partition), partition.type, partition.subtype,
                partition.offset, partition.size));
    }
    info("End of partition table");
  }

  /// The last one counts where there are several of a kind.
  void find_bootable_partitions() {
    for (const Partition& partition : result_.table->partitions()) {
      if (partition.is_ota_slot()) {
        slots_[partition.subtype - flash::kSubtypeAppOta0] = &partition;
        ++slot_count_;
      } else if (partition.type == flash::kTypeApp) {
        if (partition.subtype == flash::kSubtypeAppFactory) factory_ = &partition;
        if (partition.subtype == flash::kSubtypeAppTest) test_ = &partition;
      } else if (partition.type == flash::kTypeData &&
                 partition.subtype == flash::kSubtypeDataOta) {
        otadata_partition_ = &partition;
      }
    }
  }

  /// Null when there is none. Slots count only as far as their numbers are dense.
  [[nodiscard]] const Partition* partition_at(int index) const {
    if (index == kIndexFactory) return factory_;
    return static_cast<unsigned>(index) < slot_count_ ? slots_[static_cast<unsigned>(index)]
                                                      : nullptr;
  }

  /// Sets `index_`; leaves it open when the bootloader gives up.
  Power choose() {
    if (otadata_partition_ == nullptr) {
      index_ = kIndexFactory;
      return Power::on;
    }
    if (otadata_partition_->size < 2 * kSectorBytes) {
      fail(Text("ota_info partition size %" PRIu32 " is too small (minimum %zu bytes)",
                otadata_partition_->size, 2 * kSectorBytes));
      return Power::on;
    }
    read_otadata();
    if (options_.rollback && abort_unconfirmed_trials() == Power::lost) return Power::lost;
    if ((is_invalid(otadata_[0]) && is_invalid(otadata_[1])) || slot_count_ == 0) {
      choose_without_entry();
      return Power::on;
    }
    return choose_by_entry();
  }

  void read_otadata() {
    for (std::size_t i = 0; i < otadata_.size(); ++i) {
      const auto bytes = chip_.content().subspan(otadata_partition_->offset + i * kSectorBytes,
                                                 sizeof otadata_[i]);
      std::memcpy(&otadata_[i], bytes.data(), bytes.size());
    }
  }

  /// Whatever else the entries hold: not even the CRC counts here.
  Power abort_unconfirmed_trials() {
    for (int i = 0; i < 2; ++i) {
      OtadataEntry& entry = otadata_[static_cast<std::size_t>(i)];
      if (entry.ota_state != ESP_OTA_IMG_PENDING_VERIFY) continue;
      entry.ota_state = ESP_OTA_IMG_ABORTED;
      if (write_entry(i, entry) == Power::lost) return Power::lost;
    }
    return Power::on;
  }

  void choose_without_entry() {
    if (factory_ != nullptr) {
      info("Defaulting to factory image");
      index_ = kIndexFactory;
      return;
    }
    info("No factory image, trying OTA 0");
    index_ = 0;
    const auto is_unusable = [](const OtadataEntry& entry) {
      return entry.ota_seq == kSeqBlank || !has_right_crc(entry);
    };
    otadata_is_initial_ = is_unusable(otadata_[0]) && is_unusable(otadata_[1]);
  }

  Power choose_by_entry() {
    const auto active = active_entry(otadata_);
    if (!active) {
      error(factory_ != nullptr
                ? "ota data partition invalid, falling back to factory"
                : "ota data partition invalid and no factory, will try all partitions");
      index_ = kIndexFactory;
      return Power::on;
    }
    OtadataEntry& entry = otadata_[static_cast<std::size_t>(*active)];
    index_ = static_cast<int>(slot_of(entry, slot_count_));
    if (!options_.rollback || entry.ota_state != ESP_OTA_IMG_NEW) return Power::on;
    entry.ota_state = ESP_OTA_IMG_PENDING_VERIFY;
    return write_entry(*active, entry);
  }

  Power write_entry(int index, const OtadataEntry& entry) {
    console_.spend(kWriteEntryUs);
    const auto address = otadata_partition_->offset + static_cast<std::uint32_t>(index) *
                                                          static_cast<std::uint32_t>(kSectorBytes);
    if (chip_.erase(address, kSectorBytes) == Power::lost) return Power::lost;
    std::array<std::uint8_t, sizeof entry> bytes;
    std::memcpy(bytes.data(), &entry, sizeof entry);
    return chip_.write(address, bytes);
  }

  /// In this order: from the chosen slot down to the factory partition, then the slots above it,
  /// then the test partition.
  [[nodiscard]] std::vector<int> indices_to_try() const {
    std::vector<int> indices;
    for (int index = *index_; index >= kIndexFactory; --index) indices.push_back(index);
    const int end = static_cast<int>(slot_count_);
    for (int index = *index_ + 1; index < end; ++index) indices.push_back(index);
    return indices;
  }

  BootOutcome load_application() {
    for (const int index : indices_to_try()) {
      const Partition* partition = partition_at(index);
      if (partition == nullptr || partition->size == 0) continue;
      if (load(*partition)) {
        if (set_first_entry(index) == Power::lost) return BootOutcome::power_lost;
        result_.partition = *partition;
        return BootOutcome::booted;
      }
      error(index == kIndexFactory ? "Factory app partition is not bootable"
                                   : Text("OTA app partition slot %d is not bootable", index));
    }
    if (test_ != nullptr && load(*test_)) {
      console_.log(LogLevel::warning, kTag, "Falling back to test app as only bootable partition");
      result_.partition = *test_;
      return BootOutcome::booted;
    }
    return fail("No bootable app partitions in the partition table");
  }

  bool load(const Partition& partition) {
    esp_image_metadata_t image;
    const esp_partition_pos_t position{partition.offset, partition.size};
    if (examine_image(chip_, *options_.model, options_.idf, ImageUse::load, position, console_,
                      image) != ESP_OK) {
      return false;
    }
    info(Text("Loaded app from partition at offset 0x%" PRIx32, partition.offset));
    return true;
  }

  /// otadata is not corrected when another slot than the selected one boots.
  Power set_first_entry(int index) {
    if (index == kIndexFactory || !otadata_is_initial_) return Power::on;
    const auto seq = static_cast<std::uint32_t>(index) + 1;
    if (write_entry(0, make_entry(seq, ESP_OTA_IMG_VALID)) == Power::lost) return Power::lost;
    info(Text("Set actual ota_seq=%" PRIu32 " in otadata[0]", seq));
    return Power::on;
  }

  FlashChip& chip_;
  const BootOptions& options_;
  Console console_;
  BootResult result_;

  const Partition* factory_ = nullptr;
  const Partition* test_ = nullptr;
  const Partition* otadata_partition_ = nullptr;
  std::array<const Partition*, kOtaSlotsMax> slots_{};
  unsigned slot_count_ = 0;

  Otadata otadata_{};
  std::optional<int> index_;
  bool otadata_is_initial_ = false;
};

}  // namespace

BootResult boot(FlashChip& chip, const BootOptions& options) {
  if (options.model == nullptr) kernel::misuse("boot", "no chip model");
  return Boot(chip, options).run();
}

}  // namespace simulator::boot
