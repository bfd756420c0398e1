#include "server/http/deadline_sweep.hpp"

namespace fuota::server::http {

DeadlineSweep::DeadlineSweep(boost::asio::io_context& context, std::chrono::milliseconds period)
    : timer_(context), period_(period) {}

void DeadlineSweep::add(Deadline& deadline) {
  deadlines_.push_back(deadline);
  if (!running_) start();
}

void DeadlineSweep::stop() {
  timer_.cancel();
}

void DeadlineSweep::start() {
  running_ = true;
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void DeadlineSweep::sweep() {
  const Deadline::Clock::time_point now = Deadline::Clock::now();
  for (auto position = deadlines_.begin(); position != deadlines_.end();) {
    // Expiring may destroy the entry, so the next one is found first.
    Deadline& deadline = *position++;
    if (deadline.deadline_ > now) continue;
    deadline.clear();
    deadline.expire();
  }
  running_ = !deadlines_.empty();
  if (running_) start();
}

}  // namespace fuota::server::http
