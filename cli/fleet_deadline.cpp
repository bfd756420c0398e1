#include "cli/fleet_deadline.hpp"

namespace fuota::cli {
namespace {

constexpr std::chrono::milliseconds kPeriod{100};

}  // namespace

void FleetDeadlines::add(FleetDeadline& deadline) {
  deadlines_.push_back(deadline);
  if (!running_) start();
}

void FleetDeadlines::start() {
  running_ = true;
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void FleetDeadlines::sweep() {
  const FleetDeadline::Clock::time_point now = FleetDeadline::Clock::now();
  for (auto position = deadlines_.begin(); position != deadlines_.end();) {
    // Expiring may destroy the entry, so the next one is found first.
    FleetDeadline& deadline = *position++;
    if (deadline.deadline_ > now) continue;
    deadline.clear();
    deadline.expire();
  }
  running_ = !deadlines_.empty();
  if (running_) start();
}

}  // namespace fuota::cli
