#pragma once

#include <cstdint>

#include "simulator/app/options.hpp"

namespace simulator::app {

/// What can be seen of the chip from outside, at a point in virtual time.
struct Observation {
  std::int64_t now_us = 0;
  unsigned boots = 0;           ///< since the program started
  bool has_address = false;     ///< on the network
  unsigned connections = 0;     ///< to servers that succeeded, since the last boot
  bool running_is_new = false;  ///< its image was installed during this run
};

/// Decides when the run has reached what --until names. A device is idle when it has talked to a
/// server, has left the network since, and did not restart for kIdleUs: one that has installed
/// something restarts at once.
class EndCondition {
 public:
  static constexpr std::int64_t kIdleUs = 2'000'000;

  explicit EndCondition(Until until) : until_(until) {}

  /// Called at least once in kIdleUs, with the clock going forward.
  [[nodiscard]] bool is_reached(const Observation& now);

 private:
  Until until_;
  unsigned boots_ = 0;
  std::int64_t off_since_us_ = -1;  ///< -1: on the network, or never was
};

}  // namespace simulator::app
