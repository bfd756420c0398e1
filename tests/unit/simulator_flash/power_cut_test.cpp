#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "simulator/flash/flash_chip.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::flash {
namespace {

using Bytes = std::vector<std::uint8_t>;
using kernel::Scheduler;
using kernel::StopReason;

constexpr std::size_t kChipBytes = 8 * kSectorBytes;
constexpr std::uint32_t kAddress = 0x10F0;  ///< neither at the beginning of a page nor of a sector
constexpr std::size_t kLength = 3 * kPageBytes;
constexpr std::size_t kTaskStackBytes = 16 * 1024;

FaultHook always(Fault fault) {
  return [fault](const Operation&) { return fault; };
}

bool all_are(std::uint8_t value, std::span<const std::uint8_t> cells) {
  return std::ranges::all_of(cells, [=](std::uint8_t cell) { return cell == value; });
}

/// Old content with ones and zeros, and data that clears some of the ones.
struct Torn {
  explicit Torn(std::uint64_t seed) : chip(kChipBytes) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < kLength; ++i) old.push_back(static_cast<std::uint8_t>(random()));
    for (const std::uint8_t byte : old) data.push_back(byte & static_cast<std::uint8_t>(random()));
    chip.burn(kAddress, old);
    chip.seed_torn_results(seed);
    chip.set_fault_hook(always(Fault::cut_during));
  }

  Bytes result() const {
    const auto bytes = chip.content().subspan(kAddress, kLength);
    return {bytes.begin(), bytes.end()};
  }

  FlashChip chip;
  Bytes old;
  Bytes data;
};

/// Runs `check` for a number of seeds; a failure names its seed.
template <class Check>
void for_each_seed(Check check) {
  constexpr std::uint64_t kSeeds = 100;
  for (std::uint64_t seed = 0; seed < kSeeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    check(seed);
  }
}

TEST(TornWrite, ClearsNoBitThatTheWriteWouldNotClear) {
  for_each_seed([](std::uint64_t seed) {
    Torn torn(seed);
    ASSERT_EQ(torn.chip.write(kAddress, torn.data), Power::lost);
    const Bytes result = torn.result();
    for (std::size_t i = 0; i < kLength; ++i) {
      ASSERT_EQ(result[i] & ~torn.old[i], 0) << "a bit was set at " << i;
      ASSERT_EQ(torn.data[i] & ~result[i], 0) << "a bit was cleared that the data has, at " << i;
    }
  });
}

// spi_flash/spi_flash_chip_generic.c, spi_flash_chip_generic_page_program.
TEST(TornWrite, TearsOnePageWithAllDoneBeforeAndNothingBehind) {
  for_each_seed([](std::uint64_t seed) {
    Torn torn(seed);
    ASSERT_EQ(torn.chip.write(kAddress, torn.data), Power::lost);
    const Bytes result = torn.result();
    const auto first_not_done =
        std::mismatch(result.begin(), result.end(), torn.data.begin()).first - result.begin();
    const auto page_of = [](std::ptrdiff_t index) {
      return (kAddress + static_cast<std::size_t>(index)) / kPageBytes;
    };
    for (std::ptrdiff_t i = first_not_done; i < std::ssize(result); ++i) {
      if (page_of(i) == page_of(first_not_done)) continue;
      const auto at = static_cast<std::size_t>(i);
      ASSERT_EQ(result[at], torn.old[at]) << "at " << i;
    }
  });
}

TEST(TornWrite, IsTheSameForTheSameSeed) {
  for_each_seed([](std::uint64_t seed) {
    Torn first(seed);
    Torn second(seed);
    ASSERT_EQ(first.chip.write(kAddress, first.data), Power::lost);
    ASSERT_EQ(second.chip.write(kAddress, second.data), Power::lost);
    EXPECT_EQ(first.result(), second.result());
  });
}

TEST(TornWrite, LeavesTheOtherCellsAlone) {
  for_each_seed([](std::uint64_t seed) {
    Torn torn(seed);
    ASSERT_EQ(torn.chip.write(kAddress, torn.data), Power::lost);
    EXPECT_TRUE(all_are(kErasedByte, torn.chip.content().first(kAddress)));
    EXPECT_TRUE(all_are(kErasedByte, torn.chip.content().subspan(kAddress + kLength)));
  });
}

TEST(TornWrite, DiffersWithTheSeed) {
  std::vector<Bytes> results;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Torn torn(1);
    torn.chip.seed_torn_results(seed);
    ASSERT_EQ(torn.chip.write(kAddress, torn.data), Power::lost);
    results.push_back(torn.result());
  }
  const std::set<Bytes> different(results.begin(), results.end());
  EXPECT_GT(different.size(), 10u);
}

TEST(TornErase, TearsOneSectorWithAllErasedBeforeAndNothingBehind) {
  for_each_seed([](std::uint64_t seed) {
    FlashChip chip(kChipBytes);
    const Bytes zeros(kChipBytes, 0);
    chip.burn(0, zeros);
    chip.seed_torn_results(seed);
    chip.set_fault_hook(always(Fault::cut_during));
    ASSERT_EQ(chip.erase(kSectorBytes, 3 * kSectorBytes), Power::lost);

    std::size_t sector = 1;
    while (sector < 4 &&
           all_are(kErasedByte, chip.content().subspan(sector * kSectorBytes, kSectorBytes))) {
      ++sector;
    }
    const std::size_t behind_torn = (sector + 1) * kSectorBytes;
    EXPECT_TRUE(all_are(0, chip.content().first(kSectorBytes)));
    EXPECT_TRUE(all_are(0, chip.content().subspan(behind_torn)));
  });
}

TEST(PowerCut, BeforeAnOperationChangesNothing) {
  FlashChip chip(kChipBytes);
  chip.burn(0, Bytes{0x12});
  chip.set_fault_hook(always(Fault::cut_before));
  EXPECT_EQ(chip.write(0, Bytes{0x00}), Power::lost);
  EXPECT_EQ(chip.erase(0, kSectorBytes), Power::lost);
  EXPECT_EQ(chip.content()[0], 0x12);
}

TEST(PowerCut, AfterAnOperationLeavesItDone) {
  FlashChip chip(kChipBytes);
  chip.set_fault_hook(always(Fault::cut_after));
  EXPECT_EQ(chip.write(0, Bytes{0x12}), Power::lost);
  EXPECT_EQ(chip.content()[0], 0x12);
  EXPECT_EQ(chip.erase(0, kSectorBytes), Power::lost);
  EXPECT_EQ(chip.content()[0], kErasedByte);
}

std::string name_of(Fault fault) {
  constexpr const char* kNames[] = {"None", "Before", "During", "After"};
  return kNames[static_cast<int>(fault)];
}

class PowerCutInATask : public ::testing::TestWithParam<Fault> {};

TEST_P(PowerCutInATask, EndsTheSession) {
  FlashChip chip(kChipBytes);
  chip.set_fault_hook(always(GetParam()));
  Scheduler scheduler({});
  const std::array<std::uint8_t, 1> data{0x12};
  bool lived_on = false;
  scheduler.spawn("writer", kTaskStackBytes, 1, [&] {
    (void)chip.write(0, data);
    lived_on = true;
  });
  EXPECT_EQ(scheduler.run(1'000'000), StopReason::power_off);
  EXPECT_FALSE(lived_on);
}

INSTANTIATE_TEST_SUITE_P(Cuts, PowerCutInATask,
                         ::testing::Values(Fault::cut_before, Fault::cut_during, Fault::cut_after),
                         [](const auto& row) { return name_of(row.param); });

// spi_flash/spi_flash_chip_generic.c, spi_flash_chip_generic_timeout.
TEST(FlashTime, PassesForTheTaskThatOperates) {
  FlashChip chip(kChipBytes);
  Scheduler scheduler({});
  std::vector<std::int64_t> times;
  scheduler.spawn("writer", kTaskStackBytes, 1, [&] {
    times.push_back(scheduler.now_us());
    (void)chip.erase(0, 2 * kSectorBytes);
    times.push_back(scheduler.now_us());
    static const Bytes data(kPageBytes + 1, 0);  // two pages, or three when they begin off a page
    (void)chip.write(0, data);
    times.push_back(scheduler.now_us());
    (void)chip.write(0x1FF, data);
    times.push_back(scheduler.now_us());
  });
  scheduler.run(10'000'000);
  ASSERT_EQ(times.size(), 4u);
  EXPECT_EQ(times[1] - times[0], 2 * kSectorEraseUs);
  EXPECT_EQ(times[2] - times[1], 2 * kPageProgramUs);
  EXPECT_EQ(times[3] - times[2], 2 * kPageProgramUs);
}

}  // namespace
}  // namespace simulator::flash
