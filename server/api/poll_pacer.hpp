#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace fuota::server::api {

/// How often devices shall ask.
struct PollPacing {
  /// Checks in a second, of all devices together, beyond which they are spread; 0: never.
  std::uint32_t checks_per_second = 0;

  /// From one check of a device to its next; 0: as the device likes.
  std::chrono::seconds poll_interval{0};
};

/// Tells devices when to check again, so that no more of them come than there shall be. Each check
/// is answered; one beyond the rate is given the next second that has room, and that room is taken.
/// So devices that all come at once, after a power return, come one by one the next time, and stay
/// so. Any thread; takes no memory for a device.
class PollPacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit PollPacer(PollPacing pacing) : pacing_(pacing) {}

  /// Counts a check at `now`. What its answer says in Retry-After, 1 to kRetryAfterSMax; nothing
  /// when the device may ask as it likes. `chance`, from 0 to less than 1, is drawn anew each time.
  [[nodiscard]] std::optional<std::uint32_t> count(TimePoint now, double chance);

  /// Checks beyond the rate so far.
  [[nodiscard]] std::uint64_t put_off() const { return put_off_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] std::chrono::duration<double> wait_for_room(TimePoint now);

  const PollPacing pacing_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> put_off_{0};
  TimePoint next_room_{};  ///< When the check that comes next would be within the rate.
};

/// The longest wait that a device is asked for; it would not obey a longer one.
constexpr std::uint32_t kRetryAfterSMax = 24 * 60 * 60;

/// How far a device's interval is varied, in parts of it, so that those that began together don't
/// go on in step.
constexpr double kPollJitter = 0.1;

}  // namespace fuota::server::api
