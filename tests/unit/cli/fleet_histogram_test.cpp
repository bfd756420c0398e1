#include "cli/fleet_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace fuota::cli {
namespace {

using Duration = LatencyHistogram::Duration;

TEST(LatencyHistogram, SaysNothingOfNothing) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(99), Duration(0));
  EXPECT_EQ(histogram.min(), Duration(0));
  EXPECT_EQ(histogram.max(), Duration(0));
  EXPECT_EQ(histogram.mean(), Duration(0));
}

TEST(LatencyHistogram, IsExactUpTo2047) {
  for (Duration::rep value = 0; value < 2048; ++value) {
    LatencyHistogram histogram;
    histogram.record(Duration(value));
    histogram.record(LatencyHistogram::kMax);  // or the greatest would hide the slot
    EXPECT_EQ(histogram.percentile(50), Duration(value));
  }
}

TEST(LatencyHistogram, TellsNoValueBelowItselfNorByMoreThanA1024thAbove) {
  for (unsigned bits = 11; bits < 42; ++bits) {
    const Duration::rep power = Duration::rep{1} << bits;
    for (const Duration::rep value :
         {power - 1, power, power + 1, power + power / 3, power + power / 2}) {
      if (Duration(value) >= LatencyHistogram::kMax) continue;
      LatencyHistogram histogram;
      histogram.record(Duration(value));
      histogram.record(LatencyHistogram::kMax);
      const Duration::rep told = histogram.percentile(50).count();
      EXPECT_GE(told, value);
      EXPECT_LE(told - value, value / 1024) << value;
    }
  }
}

TEST(LatencyHistogram, KeepsTheLeastTheGreatestAndTheMeanAsTheyWere) {
  LatencyHistogram histogram;
  for (const int value : {1'000'001, 3'000'003, 5'000'005}) histogram.record(Duration(value));
  EXPECT_EQ(histogram.min(), Duration(1'000'001));
  EXPECT_EQ(histogram.max(), Duration(5'000'005));
  EXPECT_EQ(histogram.mean(), Duration(3'000'003));
  EXPECT_EQ(histogram.percentile(100), Duration(5'000'005));
}

TEST(LatencyHistogram, CountsWhatIsOutOfRangeAtTheEdge) {
  LatencyHistogram histogram;
  histogram.record(Duration(-5));
  histogram.record(std::chrono::hours(2));
  EXPECT_EQ(histogram.min(), Duration(0));
  EXPECT_EQ(histogram.max(), LatencyHistogram::kMax);
}

TEST(LatencyHistogram, HasThePercentilesOfASortedList) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latencies(14, 2);
  LatencyHistogram histogram;
  std::vector<Duration::rep> values;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(static_cast<Duration::rep>(std::min(latencies(random), 3.5e12)));
    histogram.record(Duration(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double per_cent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(per_cent / 100 * static_cast<double>(values.size()))));
    const Duration::rep exact = values[rank - 1];
    const Duration::rep told = histogram.percentile(per_cent).count();
    EXPECT_GE(told, exact) << per_cent;
    EXPECT_LE(told - exact, exact / 1024) << per_cent;
  }
}

TEST(LatencyHistogram, MergedIsAsIfOneHadCountedAll) {
  LatencyHistogram first;
  LatencyHistogram second;
  LatencyHistogram all;
  for (int i = 1; i <= 1000; ++i) {
    const Duration value(i * 7919);
    (i % 3 == 0 ? first : second).record(value);
    all.record(value);
  }
  first.merge(second);
  first.merge(LatencyHistogram());
  EXPECT_EQ(first.count(), all.count());
  EXPECT_EQ(first.min(), all.min());
  EXPECT_EQ(first.max(), all.max());
  EXPECT_EQ(first.mean(), all.mean());
  for (const double per_cent : {10.0, 50.0, 99.0}) {
    EXPECT_EQ(first.percentile(per_cent), all.percentile(per_cent));
  }
}

}  // namespace
}  // namespace fuota::cli
