#include "server/api/poll_pacer.hpp"

#include <algorithm>

namespace fuota::server::api {
namespace {

using Seconds = std::chrono::duration<double>;

/// Checks of this time may come at once before they count as too many.
constexpr Seconds kBurst{1};

}  // namespace

std::optional<std::uint32_t> PollPacer::count(TimePoint now, double chance) {
  Seconds wait = pacing_.poll_interval * (1 + kPollJitter * (2 * chance - 1));
  if (pacing_.checks_per_second > 0) wait = std::max(wait, wait_for_room(now));
  if (wait.count() <= 0) return std::nullopt;
  // Rounded up or down by chance, so that whole seconds don't gather what was spread.
  const auto seconds = static_cast<std::uint32_t>(wait.count() + chance);
  return std::clamp(seconds, std::uint32_t{1}, kRetryAfterSMax);
}

/// Takes the next room. Zero when that is now.
Seconds PollPacer::wait_for_room(TimePoint now) {
  const auto as_ticks = [](Seconds time) {
    return std::chrono::duration_cast<TimePoint::duration>(time);
  };
  const std::lock_guard lock(mutex_);
  next_room_ = std::clamp(next_room_ + as_ticks(Seconds(1.0 / pacing_.checks_per_second)), now,
                          now + as_ticks(Seconds(kRetryAfterSMax)));
  const Seconds wait = next_room_ - now;
  if (wait <= kBurst) return Seconds(0);
  put_off_.fetch_add(1, std::memory_order_relaxed);
  return wait;
}

}  // namespace fuota::server::api
