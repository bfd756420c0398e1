#include "cli/fleet_pace.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace fuota::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Pace, SpreadsTheDevicesEvenlyOverTheInterval) {
  const Pace pace(100, 50);
  EXPECT_EQ(pace.interval(), milliseconds(500));
  EXPECT_EQ(pace.first_due(0), milliseconds(0));
  EXPECT_EQ(pace.first_due(1), milliseconds(10));
  EXPECT_EQ(pace.first_due(49), milliseconds(490));
}

TEST(Pace, OfAnIntervalHasEachDeviceCheckOnceInIt) {
  const Pace pace = Pace::with_interval(300, 60000);
  EXPECT_EQ(pace.interval(), seconds(300));
  EXPECT_DOUBLE_EQ(pace.checks_per_s(), 200);
  EXPECT_EQ(pace.first_due(59999), milliseconds(299995));
}

TEST(Pace, SharesAddUpToAllChecks) {
  for (const std::uint64_t checks : {1U, 9U, 10U, 11U, 25U}) {
    std::uint64_t sum = 0;
    for (std::uint64_t device = 0; device < 10; ++device) sum += share_of(checks, 10, device);
    EXPECT_EQ(sum, checks);
  }
}

}  // namespace
}  // namespace fuota::cli
