#include "cli/fleet_run.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cli/file.hpp"
#include "cli/fleet_descriptors.hpp"
#include "cli/fleet_plan.hpp"
#include "cli/fleet_report.hpp"
#include "cli/fleet_tally.hpp"
#include "cli/fleet_thread.hpp"

namespace fuota::cli {
namespace {

using Clock = FleetPlan::Clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// The threads of a fleet from their start to their end.
class FleetRun {
 public:
  explicit FleetRun(FleetPlan& plan) : plan_(plan), last_(Clock::now()) {
    const unsigned threads = plan.options().threads;
    for (unsigned number = 0; number < threads; ++number) {
      parts_.push_back(
          std::make_unique<FleetThread>(plan, number, threads, [this] { count_done(); }));
    }
    signals_ =
        std::make_unique<boost::asio::signal_set>(parts_.front()->context(), SIGINT, SIGTERM);
    signals_->async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      signals_->clear();  // A second one ends the program as it would any other.
      plan_.end_now();
      for (const auto& part : parts_) part->stop();
    });
  }

  /// Blocks until all is done.
  void run() {
    plan_.start();
    last_ = plan_.started();
    for (const auto& part : parts_) threads_.emplace_back([&part] { part->run(); });
    while (!wait_a_second()) tell_progress();
    // The time of the run ends here, before its threads are laid to rest.
    elapsed_s_ = seconds_between(plan_.started(), Clock::now());
    total_.merge(collect().tally);
    boost::asio::post(parts_.front()->context(), [this] { signals_->cancel(); });
    for (const auto& part : parts_) part->finish();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] const FleetTally& total() const { return total_; }
  [[nodiscard]] double elapsed_s() const { return elapsed_s_; }

 private:
  void count_done() {
    const std::lock_guard lock(mutex_);
    ++done_;
    changed_.notify_one();
  }

  /// True when all threads are done.
  bool wait_a_second() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(1),
                             [this] { return done_ == parts_.size(); });
  }

  FleetProgress collect() {
    std::vector<std::future<FleetProgress>> asked;
    for (const auto& part : parts_) asked.push_back(part->progress());
    FleetProgress sum;
    for (auto& future : asked) {
      const FleetProgress progress = future.get();
      sum.tally.merge(progress.tally);
      sum.in_flight += progress.in_flight;
      sum.held += progress.held;
    }
    return sum;
  }

  void tell_progress() {
    const FleetProgress progress = collect();
    const auto now = Clock::now();
    total_.merge(progress.tally);
    if (!plan_.options().quiet) {
      std::cerr << progress_line(seconds_between(plan_.started(), now), progress.tally,
                                 seconds_between(last_, now), total_.error_count(),
                                 progress.in_flight);
    }
    last_ = now;
    // Who measures the server's memory waits for this line.
    if (progress.held == plan_.options().devices && !std::exchange(told_held_, true)) {
      std::cerr << "holding " << progress.held << " connections\n";
    }
  }

  FleetPlan& plan_;
  std::vector<std::unique_ptr<FleetThread>> parts_;
  std::unique_ptr<boost::asio::signal_set> signals_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  FleetTally total_;
  Clock::time_point last_;
  double elapsed_s_ = 0;
  bool told_held_ = false;
};

}  // namespace

Result<std::string> simulate_fleet(const FleetOptions& options) {
  const auto plan = FleetPlan::make(options);
  if (!plan) return plan.error();
  if (auto allowed = allow_descriptors((*plan)->descriptors_needed()); !allowed) {
    return allowed.error();
  }
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the server may have closed.
  FleetRun run(**plan);
  run.run();
  std::string text = summary(run.total(), run.elapsed_s());
  if (!options.json.empty()) {
    const auto written =
        replace_file(options.json, summary_json(options, run.total(), run.elapsed_s()));
    if (!written) return written.error();
  }
  const std::string wrong = complaint(run.total());
  if (wrong.empty()) {
    return Result<std::string>(boost::system::in_place_value, std::move(text));
  }
  std::cout << text << std::flush;
  return Failure{wrong};
}

}  // namespace fuota::cli
