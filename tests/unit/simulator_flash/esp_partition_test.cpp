#include "esp_partition.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "simulator/flash/partitions.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::flash {
namespace {

using kernel::Scheduler;
using kernel::StopReason;

constexpr std::size_t kChipBytes = 1024 * 1024;
constexpr esp_err_t kNotAllowed = 0x10D;
constexpr std::uint32_t kSector = kSectorBytes;

PartitionTable table() {
  auto parsed = PartitionTable::parse_csv(
      "nvs,     data, nvs,   0x9000, 0x4000\n"
      "otadata, data, ota,   0xd000, 0x2000\n"
      "keys,    data, 0x40,  0xf000, 0x1000, readonly\n"
      "ota_0,   app,  ota_0, ,       0x20000\n"
      "ota_1,   app,  ota_1, ,       0x20000\n");
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return std::move(parsed).value();
}

class EspPartition : public ::testing::Test {
 protected:
  const esp_partition_t* slot(int index) {
    return esp_partition_find_first(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_OTA(index),
                                    nullptr);
  }
  const esp_partition_t* labelled(const char* label) {
    return esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, label);
  }

  FlashChip chip_{kChipBytes};
  PartitionTable table_ = table();
  Partitions partitions_{chip_, table_, table_.find_label("ota_0")};
  std::array<std::uint8_t, 2 * kSectorBytes> buffer_{};
};

using EspPartitionDeathTest = EspPartition;

TEST_F(EspPartition, IsDescribedAsInTheTable) {
  const esp_partition_t* partition = slot(1);
  ASSERT_NE(partition, nullptr);
  EXPECT_EQ(partition->type, ESP_PARTITION_TYPE_APP);
  EXPECT_EQ(partition->subtype, ESP_PARTITION_SUBTYPE_APP_OTA_1);
  EXPECT_EQ(partition->address, 0x30000u);
  EXPECT_EQ(partition->size, 0x20000u);
  EXPECT_EQ(partition->erase_size, kSector);
  EXPECT_STREQ(partition->label, "ota_1");
  EXPECT_FALSE(partition->encrypted);
  EXPECT_FALSE(partition->readonly);
  EXPECT_TRUE(labelled("keys")->readonly);
}

TEST_F(EspPartition, IsFoundByTypeSubtypeAndLabel) {
  EXPECT_NE(esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "keys"),
            nullptr);
  EXPECT_EQ(esp_partition_find_first(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, "keys"),
            nullptr);
  EXPECT_EQ(slot(2), nullptr);
}

TEST_F(EspPartition, IsNotFoundByASubtypeOfAnyType) {
  EXPECT_EQ(esp_partition_find(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_DATA_NVS, nullptr),
            nullptr);
}

TEST_F(EspPartition, IteratorVisitsEveryMatchInOrder) {
  std::vector<std::string> labels;
  auto* iterator = esp_partition_find(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, nullptr);
  for (; iterator != nullptr; iterator = esp_partition_next(iterator)) {
    labels.emplace_back(esp_partition_get(iterator)->label);
  }
  EXPECT_EQ(labels, (std::vector<std::string>{"nvs", "otadata", "keys"}));
}

TEST_F(EspPartition, IteratorMayBeReleasedEarlyOrBeNull) {
  esp_partition_iterator_release(
      esp_partition_find(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, nullptr));
  esp_partition_iterator_release(nullptr);
}

TEST_F(EspPartitionDeathTest, IteratorReleasedTwiceEndsTheProcess) {
  auto* iterator = esp_partition_find(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, nullptr);
  esp_partition_iterator_release(iterator);
  EXPECT_DEATH(esp_partition_iterator_release(iterator), "released already");
}

TEST_F(EspPartition, VerifyFindsTheOriginalOfACopy) {
  esp_partition_t copy = *slot(1);
  EXPECT_EQ(esp_partition_verify(&copy), slot(1));
  copy.label[0] = '\0';
  EXPECT_EQ(esp_partition_verify(&copy), slot(1));
  copy.address += kSector;
  EXPECT_EQ(esp_partition_verify(&copy), nullptr);
}

TEST_F(EspPartition, WritesAndReadsInsideOfThePartition) {
  const std::array<std::uint8_t, 3> data{1, 2, 3};
  ASSERT_EQ(esp_partition_write(slot(1), 0x1FFFD, data.data(), data.size()), ESP_OK);
  EXPECT_EQ(chip_.content()[0x30000 + 0x1FFFD], 1);
  std::array<std::uint8_t, 3> out{};
  ASSERT_EQ(esp_partition_read(slot(1), 0x1FFFD, out.data(), out.size()), ESP_OK);
  EXPECT_EQ(out, data);
}

struct RangeRow {
  const char* name;
  std::size_t offset;
  std::size_t size;
  esp_err_t read_and_write;
  esp_err_t erase;
};

std::ostream& operator<<(std::ostream& out, const RangeRow& row) {
  return out << row.name;
}

class EspPartitionRange : public EspPartition, public ::testing::WithParamInterface<RangeRow> {};

// esp_partition/partition_target.c, esp_partition_write, esp_partition_erase_range.
TEST_P(EspPartitionRange, IsCheckedByReadAndWrite) {
  const RangeRow& row = GetParam();
  EXPECT_EQ(esp_partition_read(slot(1), row.offset, buffer_.data(), row.size), row.read_and_write);
  EXPECT_EQ(esp_partition_write(slot(1), row.offset, buffer_.data(), row.size), row.read_and_write);
}

TEST_P(EspPartitionRange, IsCheckedByErase) {
  const RangeRow& row = GetParam();
  EXPECT_EQ(esp_partition_erase_range(slot(1), row.offset, row.size), row.erase);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, EspPartitionRange,
    ::testing::Values(
        RangeRow{"LastSector", 0x1F000, kSector, ESP_OK, ESP_OK},
        RangeRow{"NothingAtTheEnd", 0x20000, 0, ESP_OK, ESP_OK},
        RangeRow{"BeginsBehindTheEnd", 0x20001, 0, ESP_ERR_INVALID_ARG, ESP_ERR_INVALID_ARG},
        RangeRow{"EndsBehindTheEnd", 0x1F000, 2 * kSector, ESP_ERR_INVALID_SIZE,
                 ESP_ERR_INVALID_SIZE},
        RangeRow{"Overflow", 0x1F000, SIZE_MAX, ESP_ERR_INVALID_SIZE, ESP_ERR_INVALID_SIZE},
        RangeRow{"PartOfASector", 0, 100, ESP_OK, ESP_ERR_INVALID_SIZE},
        RangeRow{"InsideOfASector", 100, kSector, ESP_OK, ESP_ERR_INVALID_ARG},
        RangeRow{"PartInsideOfASector", 100, 100, ESP_OK, ESP_ERR_INVALID_SIZE}),
    [](const auto& row) { return row.param.name; });

TEST_F(EspPartition, WithoutBufferIsAnInvalidArgument) {
  EXPECT_EQ(esp_partition_read(slot(1), 0, nullptr, 1), ESP_ERR_INVALID_ARG);
  EXPECT_EQ(esp_partition_write(slot(1), 0, nullptr, 1), ESP_ERR_INVALID_ARG);
}

// esp_partition/partition_target.c, esp_partition_write.
TEST_F(EspPartition, ThatIsReadonlyCanOnlyBeRead) {
  const esp_partition_t* keys = labelled("keys");
  EXPECT_EQ(esp_partition_read(keys, 0, buffer_.data(), 16), ESP_OK);
  EXPECT_EQ(esp_partition_write(keys, 0, buffer_.data(), 16), kNotAllowed);
  EXPECT_EQ(esp_partition_erase_range(keys, 0, kSector), kNotAllowed);
}

// spi_flash/partition.c of v4.4.4 knows no read-only partitions.
TEST(EspPartitionAsV4, CanBeWrittenWhateverItsFlags) {
  FlashChip chip(kChipBytes);
  const PartitionTable partition_table = table();
  Partitions partitions(chip, partition_table, nullptr, kernel::IdfVersion::v4_4);
  const esp_partition_t* keys =
      esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, "keys");
  EXPECT_EQ(esp_partition_erase_range(keys, 0, kSector), ESP_OK);
  EXPECT_EQ(esp_partition_write(keys, 0, "x", 1), ESP_OK);
}

TEST_F(EspPartitionDeathTest, NullEndsTheProcess) {
  EXPECT_DEATH(esp_partition_read(nullptr, 0, buffer_.data(), 1),
               "esp_partition_read: called with NULL");
}

// spi_flash/esp_flash_spi_init.c, CONFIG_SPI_FLASH_DANGEROUS_WRITE_ABORTS.
TEST_F(EspPartitionDeathTest, WritingToTheRunningSlotEndsTheProcess) {
  EXPECT_DEATH(esp_partition_write(slot(0), 0x100, buffer_.data(), 1),
               "0x1 bytes at 0x10100: in the running slot");
  EXPECT_DEATH(esp_partition_erase_range(slot(0), 0, kSector),
               "0x1000 bytes at 0x10000: in the running slot");
}

TEST_F(EspPartitionDeathTest, WritingToThePartitionTableEndsTheProcess) {
  esp_partition_t fake = *labelled("nvs");
  fake.address = 0x8000;
  EXPECT_DEATH(esp_partition_erase_range(&fake, 0, kSector), "at 0x8000: .*partition table");
}

TEST_F(EspPartitionDeathTest, AWriteThatNeedsAnEraseEndsTheProcess) {
  const std::uint8_t zero = 0;
  const std::uint8_t one = 1;
  ASSERT_EQ(esp_partition_write(slot(1), 0x10, &zero, 1), ESP_OK);
  EXPECT_DEATH(esp_partition_write(slot(1), 0x10, &one, 1), "at 0x30010: 0x1 over 0x0");
}

TEST_F(EspPartition, DropsItsIteratorsWithTheSessionWhenThePowerIsCut) {
  chip_.set_fault_hook([](const Operation&) { return Fault::cut_after; });
  Scheduler scheduler({});
  scheduler.spawn("app", 16 * 1024, 1, [&] {
    auto* iterator =
        esp_partition_find(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, nullptr);
    esp_partition_erase_range(slot(1), 0, kSector);
    esp_partition_iterator_release(iterator);
  });
  // LeakSanitizer is the judge of what is left behind.
  EXPECT_EQ(scheduler.run(1'000'000), StopReason::power_off);
}

TEST_F(EspPartitionDeathTest, APowerCutOutsideOfATaskEndsTheProcess) {
  chip_.set_fault_hook([](const Operation&) { return Fault::cut_after; });
  EXPECT_DEATH(esp_partition_erase_range(slot(1), 0, kSector), "outside of a task");
}

}  // namespace
}  // namespace simulator::flash
