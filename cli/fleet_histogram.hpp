#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fuota::cli {

/// Durations, counted in a memory that doesn't grow (about 270 KB), by the scheme of HdrHistogram:
/// linear within a power of two, with three significant digits. What is told of a duration is never
/// below it and at most 1/1024 above it; up to 2047 ns, the least and the greatest one are exact.
class LatencyHistogram {
 public:
  using Duration = std::chrono::nanoseconds;

  /// Longer ones are counted as this; none below zero is told from zero.
  static constexpr Duration kMax = std::chrono::hours(1);

  LatencyHistogram();

  void record(Duration duration);

  /// Counts all that `other` has counted too.
  void merge(const LatencyHistogram& other);

  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Duration min() const { return count_ == 0 ? Duration(0) : min_; }
  [[nodiscard]] Duration max() const { return max_; }
  [[nodiscard]] Duration mean() const;

  /// The shortest duration that at least `per_cent` of all don't exceed, 0 to 100. Zero when
  /// nothing was counted; never above `max()`.
  [[nodiscard]] Duration percentile(double per_cent) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  Duration min_ = kMax;
  Duration max_{0};
  double sum_ns_ = 0;
};

}  // namespace fuota::cli
