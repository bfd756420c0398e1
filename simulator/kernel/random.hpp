#pragma once

#include <cstdint>

namespace simulator::kernel {

/// A seeded stream of numbers that is the same on every machine (SplitMix64: Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014). Not for secrets.
class Random {
 public:
  /// Streams of one seed with different `purpose` are independent of each other, so that one user
  /// who draws more numbers does not disturb another.
  explicit Random(std::uint64_t seed, std::uint64_t purpose = 0)
      : state_(mix(seed + kGolden * (purpose + 1))) {}

  std::uint64_t next() {
    state_ += kGolden;
    return mix(state_);
  }

  /// A number in [0, bound); `bound` must be greater than 0. The bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace simulator::kernel
