#include "fuota_b/retry_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace fuota::update {
namespace {

constexpr RetrySchedule::Options kOptions = {30, 900};

Report report(Code code, std::uint32_t retry_after_s = 0) {
  Report report;
  report.code = code;
  report.retry_after_s = retry_after_s;
  return report;
}

/// The shortest and the longest wait after `failures` failures in a row.
std::pair<std::uint32_t, std::uint32_t> bounds_after(int failures) {
  std::uint32_t least = UINT32_MAX;
  std::uint32_t most = 0;
  for (std::uint32_t random = 0; random < 2000; ++random) {
    RetrySchedule schedule(kOptions);
    std::uint32_t wait_s = 0;
    for (int i = 0; i < failures; ++i) {
      wait_s = schedule.next_wait_s(report(Code::connect), random);
    }
    least = std::min(least, wait_s);
    most = std::max(most, wait_s);
  }
  return {least, most};
}

TEST(RetrySchedule, KeepsToItsPeriodWhenAllIsWell) {
  RetrySchedule schedule(kOptions);
  for (const Code code : {Code::updated, Code::no_update, Code::unknown_device, Code::same_image,
                          Code::failed_before}) {
    EXPECT_EQ(schedule.next_wait_s(report(code), 12345), 30U) << describe(code);
  }
}

TEST(RetrySchedule, DoublesWithEachFailureUpToItsBound) {
  EXPECT_EQ(bounds_after(1), (std::pair<std::uint32_t, std::uint32_t>{15, 30}));
  EXPECT_EQ(bounds_after(2), (std::pair<std::uint32_t, std::uint32_t>{30, 60}));
  EXPECT_EQ(bounds_after(5), (std::pair<std::uint32_t, std::uint32_t>{240, 480}));
  EXPECT_EQ(bounds_after(6), (std::pair<std::uint32_t, std::uint32_t>{450, 900}));
  EXPECT_EQ(bounds_after(300), (std::pair<std::uint32_t, std::uint32_t>{450, 900}));
}

TEST(RetrySchedule, BeginsAnewAfterASuccess) {
  RetrySchedule schedule(kOptions);
  for (int i = 0; i < 10; ++i) (void)schedule.next_wait_s(report(Code::dns), 1);
  EXPECT_EQ(schedule.next_wait_s(report(Code::no_update), 1), 30U);
  EXPECT_LE(schedule.next_wait_s(report(Code::dns), 1), 30U);
}

TEST(RetrySchedule, WaitsAsLongAsTheServerAsksAndSomewhatMore) {
  std::uint32_t least = UINT32_MAX;
  std::uint32_t most = 0;
  for (std::uint32_t random = 0; random < 1000; ++random) {
    RetrySchedule schedule(kOptions);
    const std::uint32_t wait_s = schedule.next_wait_s(report(Code::server_error, 80), random);
    least = std::min(least, wait_s);
    most = std::max(most, wait_s);
  }
  EXPECT_EQ(least, 80U);
  EXPECT_EQ(most, 91U);
}

TEST(RetrySchedule, WaitsAsLongAsTheServerAsksWhateverTheAnswer) {
  RetrySchedule schedule(kOptions);
  EXPECT_GE(schedule.next_wait_s(report(Code::no_update, 3600), 0), 3600U);
}

/// A server that says "Retry-After: 1" to each device that fails would be asked by each every
/// second, and a download that can't succeed would wear out the slot.
TEST(RetrySchedule, DoesNotComeBackSoonerBecauseTheServerAllowsIt) {
  RetrySchedule schedule(kOptions);
  for (int i = 0; i < 5; ++i) (void)schedule.next_wait_s(report(Code::wrong_file, 1), 0);
  EXPECT_GE(schedule.next_wait_s(report(Code::wrong_file, 1), 0), 450U);
  EXPECT_GE(schedule.next_wait_s(report(Code::no_update, 1), 0), 30U);
}

TEST(RetrySchedule, SpreadsAlsoTheShortestWait) {
  RetrySchedule schedule(kOptions);
  EXPECT_NE(schedule.next_wait_s(report(Code::server_error, 1), 0),
            schedule.next_wait_s(report(Code::server_error, 1), 1));
}

TEST(RetrySchedule, NeverWaitsLessThanASecond) {
  RetrySchedule schedule({1, 1});
  for (std::uint32_t random = 0; random < 10; ++random) {
    EXPECT_EQ(schedule.next_wait_s(report(Code::connect), random), 1U);
  }
}

}  // namespace
}  // namespace fuota::update
