#pragma once

#include <chrono>
#include <cstdint>

namespace fuota::cli {

/// When the checks of a fleet are due at a given rate: check k is due k / rate after the start, and
/// is made by device k modulo the number of devices. So each device polls at an even interval, and
/// all of them are spread evenly over it. A server that is slow delays no check's due time: latency
/// counts from it, or a stall would hide the waiting that it causes (coordinated omission).
class Pace {
 public:
  using Duration = std::chrono::nanoseconds;

  /// `checks_per_s` above 0, `devices` at least 1.
  Pace(double checks_per_s, std::uint64_t devices)
      : checks_per_s_(checks_per_s), devices_(devices) {}

  /// The pace at which each device polls once in `interval_s` seconds.
  static Pace with_interval(double interval_s, std::uint64_t devices) {
    return {static_cast<double>(devices) / interval_s, devices};
  }

  /// When the device with this index makes its first check, after the start.
  [[nodiscard]] Duration first_due(std::uint64_t device) const {
    return after(static_cast<double>(device));
  }

  /// Between two checks of one device.
  [[nodiscard]] Duration interval() const { return after(static_cast<double>(devices_)); }

  [[nodiscard]] double checks_per_s() const { return checks_per_s_; }

 private:
  [[nodiscard]] Duration after(double checks) const {
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(checks / checks_per_s_));
  }

  double checks_per_s_;
  std::uint64_t devices_;
};

/// How many of `checks` in all are made by the device with this index.
constexpr std::uint64_t share_of(std::uint64_t checks, std::uint64_t devices,
                                 std::uint64_t device) {
  return checks / devices + (device < checks % devices ? 1 : 0);
}

}  // namespace fuota::cli
