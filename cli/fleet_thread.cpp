#include "cli/fleet_thread.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace fuota::cli {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

/// Before a lane without a pace tries again to reach a server that it did not reach.
constexpr std::chrono::milliseconds kPause{100};

awaitable<void> wait_until(asio::steady_timer& timer, FleetPlan::TimePoint time) {
  timer.expires_at(time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

FleetThread::FleetThread(const FleetPlan& plan, unsigned number, unsigned threads,
                         std::function<void()> on_done)
    : plan_(plan),
      on_done_(std::move(on_done)),
      guard_(asio::make_work_guard(context_)),
      deadlines_(context_) {
  const FleetScope scope{plan_, context_, deadlines_, tally_};
  const std::uint64_t lanes = plan.pace() ? plan.options().devices : plan.lanes();
  for (std::uint64_t lane = number; lane < lanes; lane += threads) {
    std::vector<FleetDevice*> devices;
    for (std::uint64_t index = lane; index < plan.options().devices; index += lanes) {
      devices_.push_back(std::make_unique<FleetDevice>(scope, index));
      devices.push_back(devices_.back().get());
    }
    spawn(plan.pace() ? run_paced(*devices.front()) : run_lane(std::move(devices)));
  }
  if (tasks_ == 0) asio::post(context_, on_done_);
}

void FleetThread::run() {
  if (!plan_.options().busy_wait) {
    context_.run();
    return;
  }
  while (!context_.stopped()) context_.poll();
}

void FleetThread::spawn(awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(context_, std::move(task), [this](const std::exception_ptr& exception) {
    if (exception) std::rethrow_exception(exception);
    if (--tasks_ == 0) on_done_();
  });
}

std::future<FleetProgress> FleetThread::progress() {
  auto promise = std::make_shared<std::promise<FleetProgress>>();
  auto future = promise->get_future();
  asio::post(context_, [this, promise] {
    FleetProgress progress;
    progress.tally = std::exchange(tally_, FleetTally());
    progress.in_flight = in_flight_;
    progress.held = static_cast<std::uint64_t>(std::count_if(
        devices_.begin(), devices_.end(), [](const auto& device) { return device->holding(); }));
    promise->set_value(std::move(progress));
  });
  return future;
}

void FleetThread::stop() {
  asio::post(context_, [this] {
    for (const auto& device : devices_) device->interrupt();
  });
}

void FleetThread::finish() {
  asio::post(context_, [this] {
    devices_.clear();
    guard_.reset();
  });
}

awaitable<bool> FleetThread::contact(FleetDevice& device, TimePoint due) {
  ++in_flight_;
  const bool reached = co_await device.contact(due);
  --in_flight_;
  if (reached && plan_.options().idle) spawn(device.hold());
  co_return reached;
}

/// Checks of a device at the plan's pace. One that is slow delays the ones behind it, but not when
/// they were due.
awaitable<void> FleetThread::run_paced(FleetDevice& device) {
  TimePoint due = plan_.started() + plan_.pace()->first_due(device.index());
  while (device.wants_more() && due < plan_.end()) {
    co_await wait_until(device.timer(), due);
    if (due >= plan_.end()) break;
    if (FleetPlan::Clock::now() >= plan_.cut()) {
      count_overdue(due);
      break;
    }
    co_await contact(device, due);
    const TimePoint now = FleetPlan::Clock::now();
    due += plan_.pace()->interval();
    // A device that was told to stay away comes then, and polls on from there.
    if (device.not_before() > now) {
      due = device.comes_back() ? device.not_before() : std::max(due, device.not_before());
    }
  }
  device.give_up();
}

/// As many checks as can be made one after the other, by the devices of the lane in turn.
awaitable<void> FleetThread::run_lane(std::vector<FleetDevice*> devices) {
  asio::steady_timer& timer = devices.front()->timer();
  bool wanted = true;
  while (wanted && FleetPlan::Clock::now() < plan_.end()) {
    wanted = false;
    bool made = false;
    TimePoint wake = plan_.end();
    for (FleetDevice* const device : devices) {
      if (!device->wants_more()) continue;
      const TimePoint now = FleetPlan::Clock::now();
      if (now >= plan_.end()) break;
      wanted = true;
      if (device->not_before() > now) {
        wake = std::min(wake, device->not_before());
        continue;
      }
      made = true;
      if (!co_await contact(*device, now)) co_await wait_until(timer, now + kPause);
    }
    if (wanted && !made) co_await wait_until(timer, wake);
  }
  for (FleetDevice* const device : devices) device->give_up();
}

void FleetThread::count_overdue(TimePoint due) {
  for (; due < plan_.end(); due += plan_.pace()->interval()) {
    tally_.count_error({FleetError::overdue, "the checks before took too long"});
  }
}

}  // namespace fuota::cli
