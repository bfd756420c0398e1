#include "tests/unit/simulator_boot/board.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/kernel/session.hpp"

namespace simulator::boot {
namespace {

constexpr std::size_t kChipBytes = 1024 * 1024;
constexpr std::size_t kTaskStackBytes = 64 * 1024;
constexpr std::int64_t kRunUsMax = 3'600'000'000;

flash::PartitionTable parse(std::string_view csv) {
  auto table = flash::PartitionTable::parse_csv(csv);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return std::move(table).value();
}

}  // namespace

const std::string_view kTwoSlotsCsv =
    "nvs,     data, nvs,   0x9000, 0x4000\n"
    "otadata, data, ota,   0xd000, 0x2000\n"
    "ota_0,   app,  ota_0, ,       0x10000\n"
    "ota_1,   app,  ota_1, ,       0x10000\n";

const std::string_view kFactoryCsv =
    "nvs,     data, nvs,     0x9000, 0x4000\n"
    "otadata, data, ota,     0xd000, 0x2000\n"
    "factory, app,  factory, ,       0x10000\n"
    "ota_0,   app,  ota_0,   ,       0x10000\n"
    "ota_1,   app,  ota_1,   ,       0x10000\n"
    "test,    app,  test,    ,       0x10000\n";

const std::string_view kThreeSlotsCsv =
    "otadata, data, ota,   0x9000, 0x2000\n"
    "ota_0,   app,  ota_0, ,       0x10000\n"
    "ota_1,   app,  ota_1, ,       0x10000\n"
    "ota_2,   app,  ota_2, ,       0x10000\n";

fuota::test::Image small_image(std::uint64_t seed) {
  fuota::test::ImageOptions options;
  options.size_bytes = 4096 + 16;
  options.seed = seed;
  options.version = "0.1." + std::to_string(seed);
  return build_image(options);
}

Board::Board(std::string_view csv, const std::string& chip)
    : model_(*find_chip(chip)), table_(parse(csv)), chip_(kChipBytes) {
  chip_.burn(flash::kPartitionTableAddress, table_.to_binary());
}

std::vector<std::string> Board::take_log() {
  return std::exchange(log_, {});
}

void Board::burn(std::string_view label, const fuota::test::Image& image) {
  erase(label);
  chip_.burn(partition(label).offset, image);
}

void Board::erase(std::string_view label) {
  const std::vector<std::uint8_t> blank(partition(label).size, flash::kErasedByte);
  chip_.burn(partition(label).offset, blank);
}

void Board::set_entry(int index, const OtadataEntry& entry) {
  std::vector<std::uint8_t> sector(flash::kSectorBytes, flash::kErasedByte);
  std::memcpy(sector.data(), &entry, sizeof entry);
  chip_.burn(partition("otadata").offset +
                 static_cast<std::uint32_t>(index) * static_cast<std::uint32_t>(sector.size()),
             sector);
}

OtadataEntry Board::entry(int index) {
  OtadataEntry entry;
  const auto bytes = otadata_bytes();
  std::memcpy(&entry, bytes.data() + static_cast<std::size_t>(index) * flash::kSectorBytes,
              sizeof entry);
  return entry;
}

std::vector<std::uint8_t> Board::otadata_bytes() {
  const auto bytes = chip_.content().subspan(partition("otadata").offset, 2 * flash::kSectorBytes);
  return {bytes.begin(), bytes.end()};
}

BootResult Board::boot() {
  BootOptions options;
  options.model = &model_;
  options.rollback = rollback;
  options.idf = idf;
  options.log = [this](std::string_view line) { log_.emplace_back(line); };
  return boot::boot(chip_, options);
}

std::string Board::boot_label() {
  const BootResult result = boot();
  return result.partition ? result.partition->label : "";
}

kernel::StopReason Board::run(const std::function<void()>& body) {
  const BootResult booted = boot();
  if (booted.outcome != BootOutcome::booted) {
    ADD_FAILURE() << "nothing boots: " << booted.reason;
    return kernel::StopReason::idle;
  }
  kernel::Session::Options options;
  options.console = [this](std::string_view line) { log_.emplace_back(line); };
  kernel::Session session(options);
  flash::Partitions partitions(chip_, *booted.table, &*booted.partition);
  Application application(partitions, {&model_, rollback, idf});
  session.scheduler().spawn("main", kTaskStackBytes, 1, body);
  return session.run(kRunUsMax);
}

const flash::Partition& Board::partition(std::string_view label) const {
  const flash::Partition* found = table_.find_label(label);
  EXPECT_NE(found, nullptr) << label;
  return *found;
}

const esp_partition_t* labelled(const char* label) {
  return esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, label);
}

std::string label_of(const esp_partition_t* partition) {
  return partition == nullptr ? "" : partition->label;
}

}  // namespace simulator::boot
