#include "server/api/poll_pacer.hpp"

#include <gtest/gtest.h>

#include <map>

namespace fuota::server::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PollPacer::TimePoint kStart{std::chrono::hours(1000)};
constexpr double kNoJitter = 0.5;

TEST(PollPacer, SaysNothingWhereNothingIsConfigured) {
  PollPacer pacer({});
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(pacer.count(kStart, kNoJitter).has_value());
}

TEST(PollPacer, SaysNothingWithinTheRate) {
  PollPacer pacer({.checks_per_second = 10});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(pacer.count(kStart + i * milliseconds(100), kNoJitter).has_value()) << i;
  }
}

TEST(PollPacer, GivesTooManyAtOnceAnotherSecondEach) {
  PollPacer pacer({.checks_per_second = 10});
  std::map<std::uint32_t, int> told;
  for (int i = 0; i < 1000; ++i) ++told[pacer.count(kStart, 0).value_or(0)];
  EXPECT_EQ(pacer.put_off(), static_cast<std::uint64_t>(1000 - told[0]));
  // What may come at once is the first second's; a sum of tenths may fall a little short of one.
  for (std::uint32_t second = 2; second < 100; ++second) EXPECT_NEAR(told[second], 10, 1) << second;
  EXPECT_NEAR(told.rbegin()->first, 100, 1);
}

TEST(PollPacer, HasRoomAgainAsTimeGoesBy) {
  PollPacer pacer({.checks_per_second = 10});
  for (int i = 0; i < 100; ++i) static_cast<void>(pacer.count(kStart, kNoJitter));
  EXPECT_TRUE(pacer.count(kStart + seconds(8), kNoJitter).has_value());
  EXPECT_FALSE(pacer.count(kStart + seconds(10), kNoJitter).has_value());
}

TEST(PollPacer, AsksForTheIntervalAndVariesIt) {
  PollPacer pacer({.poll_interval = seconds(1000)});
  EXPECT_EQ(pacer.count(kStart, 0), 900U);
  EXPECT_EQ(pacer.count(kStart, 0.5), 1000U);
  EXPECT_EQ(pacer.count(kStart, 0.999), 1100U);
}

TEST(PollPacer, AsksForTheLongerOfBoth) {
  PollPacer pacer({.checks_per_second = 1, .poll_interval = seconds(20)});
  EXPECT_EQ(pacer.count(kStart, kNoJitter), 20U);
  for (int i = 0; i < 98; ++i) static_cast<void>(pacer.count(kStart, kNoJitter));
  EXPECT_NEAR(*pacer.count(kStart, kNoJitter), 100, 1);
}

TEST(PollPacer, NeverAsksForMoreThanADay) {
  PollPacer pacer({.checks_per_second = 1});
  for (std::uint32_t i = 0; i < 2 * kRetryAfterSMax; ++i) {
    ASSERT_LE(pacer.count(kStart, 0.999).value_or(0), kRetryAfterSMax);
  }
}

}  // namespace
}  // namespace fuota::server::api
