#include "simulator/flash/flash_chip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace simulator::flash {
namespace {

using ::testing::Each;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChipBytes = 16 * kSectorBytes;

class FlashChipTest : public ::testing::Test {
 protected:
  void write(std::uint32_t address, const Bytes& data) {
    ASSERT_EQ(chip_.write(address, data), Power::on);
  }
  Bytes read(std::uint32_t address, std::size_t length) {
    Bytes out(length);
    chip_.read(address, out);
    return out;
  }

  FlashChip chip_{kChipBytes};
};

using FlashChipDeathTest = FlashChipTest;

TEST_F(FlashChipTest, ANewChipIsErased) {
  EXPECT_THAT(chip_.content(), Each(kErasedByte));
}

TEST_F(FlashChipTest, AWriteIsReadBack) {
  write(0x1003, {1, 2, 3});
  EXPECT_EQ(read(0x1002, 5), (Bytes{0xFF, 1, 2, 3, 0xFF}));
}

// spi_flash/include/esp_flash.h, esp_flash_write, esp_flash_erase_region.
TEST_F(FlashChipTest, ASecondWriteMayClearMoreBits) {
  write(0, {0xF0});
  write(0, {0x30});
  EXPECT_EQ(read(0, 1), Bytes{0x30});
}

TEST_F(FlashChipDeathTest, AWriteThatSetsABitEndsTheProcessAndNamesTheAddress) {
  write(0x2345, {0xFF, 0xF0});
  EXPECT_DEATH(write(0x2345, {0xFF, 0xF1}), "0x2346.*0xf1 over 0xf0");
}

TEST_F(FlashChipTest, ARawProgramLeavesOldAndNew) {
  write(7, {0x0F});
  chip_.program_raw(7, Bytes{0xFC});
  EXPECT_EQ(read(7, 1), Bytes{0x0C});
}

TEST_F(FlashChipTest, AnEraseSetsItsSectorsAndNoOthers) {
  write(0x0FFF, {0, 0});
  write(0x2FFF, {0, 0});
  ASSERT_EQ(chip_.erase(0x1000, 2 * kSectorBytes), Power::on);
  EXPECT_EQ(read(0x0FFF, 2), (Bytes{0, 0xFF}));
  EXPECT_EQ(read(0x2FFF, 2), (Bytes{0xFF, 0}));
}

TEST_F(FlashChipTest, ErasesAreCountedPerSector) {
  ASSERT_EQ(chip_.erase(0x1000, 2 * kSectorBytes), Power::on);
  ASSERT_EQ(chip_.erase(0x2000, kSectorBytes), Power::on);
  EXPECT_EQ(chip_.erase_count(0x0FFF), 0u);
  EXPECT_EQ(chip_.erase_count(0x1000), 1u);
  EXPECT_EQ(chip_.erase_count(0x2FFF), 2u);
}

TEST_F(FlashChipDeathTest, AnEraseOfAPartOfASectorEndsTheProcess) {
  EXPECT_DEATH((void)chip_.erase(0x1000, 0x800), "0x800 bytes at 0x1000 are not whole sectors");
  EXPECT_DEATH((void)chip_.erase(0x1800, 0x1000), "0x1000 bytes at 0x1800 are not whole sectors");
}

TEST_F(FlashChipDeathTest, ARangeBehindTheChipEndsTheProcess) {
  Bytes two(2);
  EXPECT_DEATH(chip_.read(kChipBytes - 1, two), "flash read: 0x2 bytes at 0xffff");
  EXPECT_DEATH((void)chip_.write(kChipBytes - 1, two), "flash write: 0x2 bytes at 0xffff");
  EXPECT_DEATH((void)chip_.erase(kChipBytes, kSectorBytes), "flash erase: 0x1000 bytes at 0x10000");
}

TEST_F(FlashChipDeathTest, AChipConsistsOfWholeSectors) {
  EXPECT_DEATH(FlashChip(kSectorBytes + 1), "a chip can't have 0x1001 bytes");
}

TEST_F(FlashChipTest, BurningFollowsNoRules) {
  write(0, {0});
  chip_.burn(0, Bytes{0xAB});
  EXPECT_EQ(read(0, 1), Bytes{0xAB});
  EXPECT_EQ(chip_.operation_count(), 1u);
}

TEST_F(FlashChipTest, AContentCanBePutBack) {
  write(5, {1, 2, 3});
  const Bytes before(chip_.content().begin(), chip_.content().end());
  ASSERT_EQ(chip_.erase(0, kChipBytes), Power::on);
  chip_.restore(before);
  EXPECT_TRUE(std::ranges::equal(chip_.content(), before));
}

TEST_F(FlashChipTest, TheHookSeesEveryOperation) {
  std::vector<Operation> seen;
  chip_.set_fault_hook([&](const Operation& operation) {
    seen.push_back(operation);
    return Fault::none;
  });
  write(0x10, {1, 2});
  ASSERT_EQ(chip_.erase(0x1000, 2 * kSectorBytes), Power::on);
  ASSERT_EQ(chip_.begin_operation(OperationKind::nvs_commit, 0x9000, 0x4000), Fault::none);

  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].index, 0u);
  EXPECT_EQ(seen[0].kind, OperationKind::write);
  EXPECT_EQ(seen[0].address, 0x10u);
  EXPECT_EQ(seen[0].length, 2u);
  EXPECT_EQ(seen[1].index, 1u);
  EXPECT_EQ(seen[1].kind, OperationKind::erase);
  EXPECT_EQ(seen[1].length, 2 * kSectorBytes);
  EXPECT_EQ(seen[2].index, 2u);
  EXPECT_EQ(seen[2].kind, OperationKind::nvs_commit);
  EXPECT_EQ(chip_.operation_count(), 3u);
}

TEST_F(FlashChipTest, NothingToDoIsNoOperation) {
  write(0, {});
  ASSERT_EQ(chip_.erase(0, 0), Power::on);
  EXPECT_EQ(chip_.operation_count(), 0u);
}

}  // namespace
}  // namespace simulator::flash
