// server_kill_campaign: loads real servers, kills or stops them at random instants, and starts them
// again on what they left; ends with the first thing that was acknowledged and is gone, or that is
// there by half.

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/server/campaign/server_life.hpp"

namespace fuota::server::campaign {
namespace {

struct Options {
  std::uint64_t kills = 1000;
  std::uint32_t seed = std::random_device{}();
  unsigned jobs = 1;
};

/// Kills one server after the other until all `kills` are done or something is wrong.
class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options) {}

  /// True when nothing was wrong.
  bool run() {
    {
      std::vector<std::jthread> jobs;
      for (unsigned job = 0; job < options_.jobs; ++job) {
        jobs.emplace_back([this, job] { run_job(job); });
      }
    }
    std::printf("%llu servers ended in %u job(s): %s\n",
                static_cast<unsigned long long>(counts_.ends), options_.jobs,
                to_text(counts_).c_str());
    std::printf("again with: server_kill_campaign --seed %u --kills %llu --jobs %u\n",
                options_.seed, static_cast<unsigned long long>(options_.kills), options_.jobs);
    return !failed_;
  }

 private:
  void run_job(unsigned job) {
    ServerLife life(options_.seed + job);
    try {
      while (!failed_ && done_.fetch_add(1) < options_.kills) life.live_once();
    } catch (const std::exception& exception) {
      failed_ = true;
      const std::lock_guard lock(mutex_);
      std::printf("job %u, end %llu: %s\nits data: %s\n", job,
                  static_cast<unsigned long long>(life.counts().ends), exception.what(),
                  life.keep_data().c_str());
    }
    const std::lock_guard lock(mutex_);
    counts_.add(life.counts());
  }

  Options options_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  LifeCounts counts_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Kills fuota-server under load, and looks at what is left");
  app.add_option("--kills", options.kills, "How many servers are killed or stopped")
      ->capture_default_str();
  app.add_option("--seed", options.seed,
                 "Fixes what the clients do and how each server ends; the system's own timing it "
                 "can't fix");
  app.add_option("--jobs", options.jobs, "Servers at a time, each with a seed of its own")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Campaign(options).run() ? 0 : 1;
}

}  // namespace
}  // namespace fuota::server::campaign

int main(int argc, char** argv) {
  return fuota::server::campaign::run(argc, argv);
}
