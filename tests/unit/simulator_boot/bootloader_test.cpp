#include "simulator/boot/bootloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/simulator_boot/board.hpp"

namespace simulator::boot {
namespace {

using flash::Fault;
using flash::Operation;
using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Bootloader, NeedsAPartitionTable) {
  flash::FlashChip chip(1024 * 1024);
  BootOptions options;
  options.model = find_chip("esp32");
  const BootResult result = boot(chip, options);
  EXPECT_EQ(result.outcome, BootOutcome::nothing_bootable);
  EXPECT_EQ(result.reason, "load partition table error!");
  EXPECT_FALSE(result.table.has_value());
}

TEST(Bootloader, NeedsAChipThatHoldsAPartitionTable) {
  flash::FlashChip chip(flash::kPartitionTableAddress);
  BootOptions options;
  options.model = find_chip("esp32");
  EXPECT_EQ(boot(chip, options).outcome, BootOutcome::nothing_bootable);
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_load_boot_image.
TEST(Bootloader, ResetsWhenNoImageIsGood) {
  Board board;
  const BootResult result = board.boot();
  EXPECT_EQ(result.outcome, BootOutcome::nothing_bootable);
  EXPECT_EQ(result.reason, "No bootable app partitions in the partition table");
}

TEST(Bootloader, TellsThePartitionAndTheTable) {
  Board board;
  board.burn("ota_0", small_image());
  const BootResult result = board.boot();
  ASSERT_EQ(result.outcome, BootOutcome::booted);
  EXPECT_EQ(result.partition->label, "ota_0");
  EXPECT_EQ(result.table->partitions(), board.table().partitions());
  EXPECT_EQ(result.reason, "");
  EXPECT_GT(result.duration_us, 0);
}

TEST(Bootloader, LogsAsEspIdfDoes) {
  Board board;
  board.burn("ota_0", small_image());
  board.boot();
  const auto log = board.take_log();
  EXPECT_THAT(log.front(), ::testing::MatchesRegex("I \\([0-9]+\\) boot: ESP-IDF .* 2nd stage.*"));
  EXPECT_THAT(log, Contains(HasSubstr(") boot:  1 otadata          OTA data         01 00 0000d000 "
                                      "00002000")));
  EXPECT_THAT(log, Contains(HasSubstr(") boot: No factory image, trying OTA 0")));
  EXPECT_THAT(log, Contains(HasSubstr(
                       ") esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=007e8h (  2024) "
                       "map")));
  EXPECT_THAT(log, Contains(HasSubstr("vaddr=3ffb0000 size=007dch (  2012) load")));
  EXPECT_THAT(log, Contains(HasSubstr(") boot: Loaded app from partition at offset 0x10000")));
  EXPECT_THAT(log.back(), HasSubstr(") boot: Set actual ota_seq=1 in otadata[0]"));
}

TEST(Bootloader, BootsTheFactoryPartitionWithoutEntries) {
  Board board(kFactoryCsv);
  board.burn("factory", small_image());
  board.burn("ota_0", small_image());
  EXPECT_EQ(board.boot_label(), "factory");
  EXPECT_EQ(board.entry(0).ota_seq, kSeqBlank);
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition.
TEST(Bootloader, FallsBackToTheFactoryPartitionWhenEntriesAreBroken) {
  Board board(kFactoryCsv);
  board.burn("factory", small_image());
  board.burn("ota_0", small_image());
  OtadataEntry broken = make_entry(1, ESP_OTA_IMG_VALID);
  broken.crc ^= 1;
  board.set_entry(0, broken);
  EXPECT_EQ(board.boot_label(), "factory");
  EXPECT_THAT(board.take_log(),
              Contains(HasSubstr("ota data partition invalid, falling back to factory")));
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_load_boot_image.
TEST(Bootloader, TriesLowerSlotsThenTheFactoryPartitionThenHigherSlots) {
  Board board(kFactoryCsv);
  board.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  board.burn("ota_1", small_image());
  EXPECT_EQ(board.boot_label(), "ota_1");
  board.burn("factory", small_image());
  EXPECT_EQ(board.boot_label(), "factory");
  board.burn("ota_0", small_image());
  EXPECT_EQ(board.boot_label(), "ota_0");
}

TEST(Bootloader, BootsTheTestPartitionAsTheLastResort) {
  Board board(kFactoryCsv);
  board.burn("test", small_image());
  EXPECT_EQ(board.boot_label(), "test");
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition.
TEST(Bootloader, BootsTheFactoryPartitionWithoutOtadata) {
  Board board("app, app, factory, 0x10000, 0x10000\n");
  board.burn("app", small_image());
  EXPECT_EQ(board.boot_label(), "app");
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition.
TEST(Bootloader, TakesTheSlotFromTheSeqAmongThree) {
  Board board(kThreeSlotsCsv);
  for (const char* slot : {"ota_0", "ota_1", "ota_2"}) board.burn(slot, small_image());
  board.set_entry(0, make_entry(6, ESP_OTA_IMG_VALID));
  EXPECT_EQ(board.boot_label(), "ota_2");
}

// bootloader_support/src/bootloader_utility.c, index_to_partition: an index counts up to the number
// of slots, so that slots behind a gap are never looked at.
TEST(Bootloader, ReachesNoSlotBehindAGap) {
  Board board(
      "otadata, data, ota,   0x9000, 0x2000\n"
      "ota_0,   app,  ota_0, ,       0x10000\n"
      "ota_2,   app,  ota_2, ,       0x10000\n");
  board.burn("ota_2", small_image());
  board.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  EXPECT_EQ(board.boot_label(), "");
  board.burn("ota_0", small_image());
  EXPECT_EQ(board.boot_label(), "ota_0");
}

// bootloader_support/src/bootloader_utility.c, read_otadata.
TEST(Bootloader, ResetsWhenOtadataIsTooSmall) {
  Board board;
  board.burn("ota_0", small_image());
  std::vector<std::uint8_t> table = board.table().to_binary();
  constexpr std::size_t kEntryBytes = 32;
  constexpr std::size_t kSizeOffset = 8;
  table.at(kEntryBytes + kSizeOffset + 1) = 0x10;  // of otadata, the second: 0x1000
  const std::size_t md5 = board.table().partitions().size() * kEntryBytes;
  std::fill(table.begin() + static_cast<std::ptrdiff_t>(md5), table.end(), flash::kErasedByte);
  board.chip().burn(flash::kPartitionTableAddress, table);
  const BootResult result = board.boot();
  EXPECT_EQ(result.outcome, BootOutcome::nothing_bootable);
  EXPECT_THAT(result.reason, HasSubstr("ota_info partition size 4096 is too small"));
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition:
// before anything else, and without a look at the CRC.
TEST(Bootloader, AbortsATrialWhateverElseTheEntrySays) {
  Board board;
  board.burn("ota_0", small_image());
  board.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  OtadataEntry entry = make_entry(2, ESP_OTA_IMG_PENDING_VERIFY);
  entry.crc = ~entry.crc;
  board.set_entry(1, entry);
  EXPECT_EQ(board.boot_label(), "ota_0");
  EXPECT_EQ(board.entry(1).ota_state, std::uint32_t{ESP_OTA_IMG_ABORTED});
}

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition.
TEST(Bootloader, WithoutRollbackWritesNoEntry) {
  Board board;
  board.rollback = false;
  board.burn("ota_0", small_image());
  board.burn("ota_1", small_image());
  board.set_entry(0, make_entry(1, ESP_OTA_IMG_PENDING_VERIFY));
  board.set_entry(1, make_entry(2, ESP_OTA_IMG_NEW));
  const auto before = board.otadata_bytes();
  EXPECT_EQ(board.boot_label(), "ota_1");
  EXPECT_EQ(board.otadata_bytes(), before);
}

/// What a power cut at a write of the bootloader is allowed to leave: the power comes back, and
/// one of two images runs.
struct CutRow {
  const char* name;
  OtadataEntry entries[2];
  std::vector<const char*> may_boot;
};

std::ostream& operator<<(std::ostream& out, const CutRow& row) {
  return out << row.name;
}

class BootloaderPowerCut : public ::testing::TestWithParam<CutRow> {
 protected:
  void prepare(Board& board) {
    board.burn("ota_0", small_image(1));
    board.burn("ota_1", small_image(2));
    for (int i = 0; i < 2; ++i) board.set_entry(i, GetParam().entries[i]);
  }

  std::uint64_t count_writes() {
    Board board;
    prepare(board);
    board.boot();
    return board.chip().operation_count();
  }
};

// bootloader_support/src/bootloader_utility.c, write_otadata.
TEST_P(BootloaderPowerCut, AtEachWriteLeavesAChipThatBoots) {
  const std::uint64_t writes = count_writes();
  ASSERT_GT(writes, 0u);
  for (std::uint64_t at = 0; at < writes; ++at) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      const std::uint64_t seeds = fault == Fault::cut_during ? 50 : 1;
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        Board board;
        prepare(board);
        board.chip().seed_torn_results(seed);
        board.chip().set_fault_hook([&](const Operation& operation) {
          return operation.index == at ? fault : Fault::none;
        });
        ASSERT_EQ(board.boot().outcome, BootOutcome::power_lost);
        ASSERT_THAT(GetParam().may_boot, Contains(board.boot_label()))
            << "operation " << at << ", fault " << static_cast<int>(fault) << ", seed " << seed;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, BootloaderPowerCut,
                         ::testing::Values(CutRow{"FirstEntry",
                                                  {make_entry(kSeqBlank, ESP_OTA_IMG_UNDEFINED),
                                                   make_entry(kSeqBlank, ESP_OTA_IMG_UNDEFINED)},
                                                  {"ota_0", "ota_1"}},
                                           CutRow{"NewToPending",
                                                  {make_entry(1, ESP_OTA_IMG_VALID),
                                                   make_entry(2, ESP_OTA_IMG_NEW)},
                                                  {"ota_0", "ota_1"}},
                                           CutRow{"PendingToAborted",
                                                  {make_entry(1, ESP_OTA_IMG_VALID),
                                                   make_entry(2, ESP_OTA_IMG_PENDING_VERIFY)},
                                                  {"ota_0", "ota_1"}}),
                         [](const auto& row) { return row.param.name; });

TEST(BootloaderPowerCuts, BetweenEraseAndWriteLoseTheNewEntry) {
  Board board;
  board.burn("ota_0", small_image(1));
  board.burn("ota_1", small_image(2));
  board.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  board.set_entry(1, make_entry(2, ESP_OTA_IMG_NEW));
  board.chip().set_fault_hook([](const Operation& operation) {
    return operation.index == 0 ? Fault::cut_after : Fault::none;
  });
  ASSERT_EQ(board.boot().outcome, BootOutcome::power_lost);
  EXPECT_EQ(board.boot_label(), "ota_0");
}

}  // namespace
}  // namespace simulator::boot
