#include "simulator/radio/world.hpp"

#include <algorithm>
#include <utility>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::radio {

using kernel::misuse;
using kernel::Scheduler;

namespace {

constexpr std::size_t kSsidBytesMax = 32;
constexpr std::uint8_t kChannelMax = 14;

void check(const AccessPoint& access_point) {
  if (access_point.ssid.size() > kSsidBytesMax) misuse("World", "an SSID has more than 32 bytes");
  if (access_point.channel < 1 || access_point.channel > kChannelMax) {
    misuse("World", "a channel is not 1 to 14");
  }
}

}  // namespace

template <typename Call>
void World::tell(const Call& call) {
  const std::vector<Listener*> listeners = listeners_;
  for (Listener* listener : listeners) call(*listener);
}

AccessPointId World::add(AccessPoint access_point) {
  check(access_point);
  access_points_.push_back(std::move(access_point));
  return access_points_.size() - 1;
}

void World::change(AccessPointId id, const std::function<void(AccessPoint&)>& edit) {
  edit(access_points_.at(id));
  check(access_points_[id]);
  tell([&](Listener& listener) { listener.on_change(id); });
}

void World::kick(AccessPointId id, std::uint8_t reason) {
  tell([&](Listener& listener) { listener.on_kick(id, reason); });
}

void World::post_spurious(std::int32_t wifi_event_id, std::uint8_t reason) {
  tell([&](Listener& listener) { listener.on_spurious(wifi_event_id, reason); });
}

void World::call_at(std::int64_t when_us, std::function<void(World&)> happening) {
  happenings_.emplace(when_us, std::move(happening));
  if (driver_ != nullptr) {
    arm();
  } else {
    run_due();
  }
}

std::int64_t World::now_us() const {
  return session_start_us_ + (driver_ != nullptr ? Scheduler::current().now_us() : 0);
}

void World::pass(std::int64_t duration_us) {
  if (driver_ != nullptr) misuse("World::pass", "the chip is on");
  const std::int64_t end_us = session_start_us_ + duration_us;
  while (!happenings_.empty() && happenings_.begin()->first <= end_us) {
    session_start_us_ = std::max(session_start_us_, happenings_.begin()->first);
    run_due();
  }
  session_start_us_ = end_us;
}

void World::begin_session(Listener& listener) {
  if (driver_ != nullptr) misuse("World", "two Wi-Fi drivers at a time");
  session_start_us_ -= Scheduler::current().now_us();
  driver_ = &listener;
  add_listener(listener);
  arm();
}

void World::end_session() {
  remove_listener(*driver_);
  Scheduler::current().cancel(std::exchange(alarm_, 0));
  session_start_us_ = now_us();
  driver_ = nullptr;
}

void World::add_listener(Listener& listener) {
  listeners_.push_back(&listener);
}

void World::remove_listener(Listener& listener) {
  std::erase(listeners_, &listener);
}

void World::run_due() {
  while (!happenings_.empty() && happenings_.begin()->first <= now_us()) {
    auto node = happenings_.extract(happenings_.begin());
    node.mapped()(*this);
  }
}

void World::arm() {
  Scheduler& scheduler = Scheduler::current();
  scheduler.cancel(std::exchange(alarm_, 0));
  if (happenings_.empty()) return;
  alarm_ = scheduler.call_at(happenings_.begin()->first - session_start_us_, [this] {
    alarm_ = 0;
    run_due();
    arm();
  });
}

}  // namespace simulator::radio
