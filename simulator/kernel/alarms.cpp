#include "simulator/kernel/alarms.hpp"

#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

std::uint64_t Alarms::add(std::int64_t when_us, Callback callback) {
  const std::uint64_t id = ++last_id_;
  callbacks_.emplace(Key{when_us, id}, std::move(callback));
  times_.emplace(id, when_us);
  return id;
}

void Alarms::cancel(std::uint64_t id) {
  const auto found = times_.find(id);
  if (found == times_.end()) return;
  callbacks_.erase(Key{found->second, id});
  times_.erase(found);
}

std::int64_t Alarms::next_us() const {
  return callbacks_.empty() ? kNever : callbacks_.begin()->first.first;
}

Alarms::Callback Alarms::take_first() {
  const auto first = callbacks_.begin();
  Callback callback = std::move(first->second);
  times_.erase(first->first.second);
  callbacks_.erase(first);
  return callback;
}

}  // namespace simulator::kernel
