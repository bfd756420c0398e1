#include "cli/fleet_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fuota::cli {
namespace {

/// Values below 2048 have a slot each. Each further power of two is divided into 1024 slots.
constexpr unsigned kSubBits = 11;
constexpr std::uint64_t kSubSlots = std::uint64_t{1} << kSubBits;
constexpr std::uint64_t kHalf = kSubSlots / 2;

/// By how many bits a value is shifted so that 11 of them are left.
unsigned shift_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  return width > kSubBits ? width - kSubBits : 0;
}

std::size_t slot_of(std::uint64_t value) {
  const unsigned shift = shift_of(value);
  return static_cast<std::size_t>(shift * kHalf + (value >> shift));
}

/// The greatest value that is counted in a slot.
std::uint64_t highest_in(std::size_t slot) {
  if (slot < kSubSlots) return slot;
  const auto shift = static_cast<unsigned>(slot / kHalf - 1);
  const std::uint64_t top = slot - shift * kHalf;
  return ((top + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram()
    : counts_(slot_of(static_cast<std::uint64_t>(kMax.count())) + 1) {}

void LatencyHistogram::record(Duration duration) {
  duration = std::clamp(duration, Duration(0), kMax);
  ++counts_[slot_of(static_cast<std::uint64_t>(duration.count()))];
  ++count_;
  min_ = std::min(min_, duration);
  max_ = std::max(max_, duration);
  sum_ns_ += static_cast<double>(duration.count());
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 [](std::uint64_t a, std::uint64_t b) { return a + b; });
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ns_ += other.sum_ns_;
}

void LatencyHistogram::clear() {
  if (count_ == 0) return;
  *this = LatencyHistogram();
}

LatencyHistogram::Duration LatencyHistogram::mean() const {
  if (count_ == 0) return Duration(0);
  return Duration(std::llround(sum_ns_ / static_cast<double>(count_)));
}

LatencyHistogram::Duration LatencyHistogram::percentile(double per_cent) const {
  if (count_ == 0) return Duration(0);
  const double share = std::clamp(per_cent, 0.0, 100.0) / 100 * static_cast<double>(count_);
  const std::uint64_t wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share)));
  std::uint64_t seen = 0;
  for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
    seen += counts_[slot];
    if (seen >= wanted) {
      return std::min(max_, Duration(static_cast<Duration::rep>(highest_in(slot))));
    }
  }
  return max_;
}

}  // namespace fuota::cli
