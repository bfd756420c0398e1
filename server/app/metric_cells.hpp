#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

namespace fuota::server::app {

/// A number that only grows. Any thread; one atomic addition.
class CountCell {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a latency histogram's buckets reach up to. At most kBucketsMax, ascending.
using BucketBounds = std::span<const std::chrono::nanoseconds>;
constexpr std::size_t kBucketsMax = 18;

/// How often something took how long. Any thread; two atomic additions, no lock: what
/// prometheus-cpp brings takes one in each observation.
class LatencyCell {
 public:
  /// `bounds` is the same in all calls on one cell.
  void observe(BucketBounds bounds, std::chrono::nanoseconds duration) {
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), duration);
    counts_[static_cast<std::size_t>(bucket - bounds.begin())].add();
    sum_ns_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }

  /// How often it took longer than the bound before `bucket`, and at most its own; behind the last
  /// bound stands what took longer than all.
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
  [[nodiscard]] std::uint64_t sum_ns() const { return sum_ns_.value(); }

 private:
  std::array<CountCell, kBucketsMax + 1> counts_;
  CountCell sum_ns_;
};

}  // namespace fuota::server::app
