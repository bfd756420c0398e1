#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "cli/fleet_deadline.hpp"
#include "cli/fleet_device.hpp"
#include "cli/fleet_plan.hpp"
#include "cli/fleet_tally.hpp"

namespace fuota::cli {

/// What a thread has to tell since it was asked last, and how it stands now.
struct FleetProgress {
  FleetTally tally;
  std::uint64_t in_flight = 0;
  std::uint64_t held = 0;
};

/// Every so many-th device of a fleet, on one thread.
class FleetThread {
 public:
  /// `on_done` is called on the thread when its devices have done what they had to.
  FleetThread(const FleetPlan& plan, unsigned number, unsigned threads,
              std::function<void()> on_done);

  /// Lets the devices live until `finish()`.
  void run();

  /// Callable from all threads, while `run()` is running.
  [[nodiscard]] std::future<FleetProgress> progress();

  /// The same: wakes those who wait, after the plan's end has been brought forward.
  void stop();
  void finish();

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
  using TimePoint = FleetPlan::TimePoint;

  void spawn(boost::asio::awaitable<void> task);
  boost::asio::awaitable<void> run_paced(FleetDevice& device);
  boost::asio::awaitable<void> run_lane(std::vector<FleetDevice*> devices);
  boost::asio::awaitable<bool> contact(FleetDevice& device, TimePoint due);
  void count_overdue(TimePoint due);

  const FleetPlan& plan_;
  std::function<void()> on_done_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  FleetDeadlines deadlines_;
  FleetTally tally_;
  std::vector<std::unique_ptr<FleetDevice>> devices_;
  std::uint64_t tasks_ = 0;
  std::uint64_t in_flight_ = 0;
};

}  // namespace fuota::cli
