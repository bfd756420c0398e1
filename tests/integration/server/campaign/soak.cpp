// server_soak: loads a real server for as long as asked, without faults, and looks at what it holds
// meanwhile: memory and descriptors must stay as they are after the warm-up.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/server/campaign/load_client.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::campaign {
namespace {

using Clock = std::chrono::steady_clock;
using test_support::ServerProcess;

constexpr int kClients = 6;

/// The share of the time after which what the server holds counts as what it needs.
constexpr int kWarmUpParts = 5;

/// AddressSanitizer keeps freed memory: what the program itself holds can't be seen under it.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryCanBeMeasured = false;
#else
constexpr bool kMemoryCanBeMeasured = true;
#endif

/// What may come on top of that: SQLite's log and caches, and what the allocator keeps.
constexpr std::size_t kKilobytesGrownMax = 16 * 1024;
constexpr std::size_t kDescriptorsGrownMax = 16;
constexpr std::chrono::seconds kSamplePeriod{1};

struct Options {
  double minutes = 1;
  std::uint32_t seed = std::random_device{}();
};

/// What a process holds.
struct Held {
  std::size_t kilobytes = 0;
  std::size_t descriptors = 0;
};

Held held_by(pid_t process) {
  const std::filesystem::path folder = "/proc/" + std::to_string(process);
  Held held;
  std::ifstream rollup(folder / "smaps_rollup");
  std::string word;
  while (rollup >> word && word != "Rss:") {
  }
  rollup >> held.kilobytes;
  const std::filesystem::directory_iterator descriptors(folder / "fd");
  held.descriptors = static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
  return held;
}

/// The greatest of what was held over a stretch of time.
Held greatest(const Held& some, const Held& other) {
  return {std::max(some.kilobytes, other.kilobytes), std::max(some.descriptors, other.descriptors)};
}

class Soak {
 public:
  explicit Soak(const Options& options) : options_(options), server_(server_options()) {}

  /// True when all is as it should be.
  bool run() {
    if (server_.port() == 0) return complain("the server does not start: " + server_.log());
    const auto whole = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double, std::ratio<60>>(options_.minutes));
    const auto begun = Clock::now();
    end_ = begun + whole;
    load_.acknowledged = [this] { acknowledged_.fetch_add(1); };
    load_.enough = [this] { return Clock::now() >= end_ || failed_; };
    std::vector<std::jthread> threads;
    for (int number = 0; number < kClients; ++number) {
      clients_.emplace_back(number, options_.seed);
    }
    for (LoadClient& client : clients_) threads.emplace_back([this, &client] { load(client); });
    const Held warm = watch_until(begun + whole / kWarmUpParts);
    const Held later = watch_until(end_);
    for (std::jthread& thread : threads) thread.join();
    return judge(warm, later);
  }

 private:
  test_support::ServerOptions server_options() const {
    test_support::ServerOptions options;
    options.data_directory = directory_.path() / "data";
    options.arguments = {"--host", "127.0.0.1"};
    return options;
  }

  void load(LoadClient& client) {
    try {
      client.run(server_, load_);
      client.settle(server_, true);
    } catch (const std::exception& exception) {
      complain(exception.what());
    }
  }

  Held watch_until(Clock::time_point until) {
    Held held;
    while (Clock::now() < until && !failed_) {
      std::this_thread::sleep_for(std::min<Clock::duration>(kSamplePeriod, until - Clock::now()));
      held = greatest(held, held_by(server_.pid()));
    }
    return held;
  }

  bool judge(const Held& warm, const Held& later) {
    std::printf(
        "%llu operations; at most %zu KiB and %zu descriptors in the warm-up, %zu KiB and "
        "%zu after it\n",
        static_cast<unsigned long long>(acknowledged_.load()), warm.kilobytes, warm.descriptors,
        later.kilobytes, later.descriptors);
    if (kMemoryCanBeMeasured && later.kilobytes > warm.kilobytes + kKilobytesGrownMax)
      complain("memory has grown");
    if (later.descriptors > warm.descriptors + kDescriptorsGrownMax) {
      complain("descriptors have leaked");
    }
    if (server_.log().find(" error ") != std::string::npos) {
      complain("the server's log has errors: " +
               server_.log().substr(server_.log().find(" error "), 200));
    }
    server_.signal(SIGTERM);
    if (server_.wait() != 0) complain("the server did not end well");
    std::printf("%s; again with: server_soak --minutes %g --seed %u\n",
                failed_ ? "failed" : "flat, and without an error", options_.minutes, options_.seed);
    return !failed_;
  }

  bool complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    std::printf("%s\n", what.c_str());
    return false;
  }

  Options options_;
  test_support::TemporaryDirectory directory_;
  ServerProcess server_;
  Clock::time_point end_;
  Load load_;
  std::vector<LoadClient> clients_;
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Loads fuota-server and looks at what it holds meanwhile");
  app.add_option("--minutes", options.minutes, "For how long")->capture_default_str();
  app.add_option("--seed", options.seed, "Fixes what the clients do");
  CLI11_PARSE(app, argc, argv);
  return Soak(options).run() ? 0 : 1;
}

}  // namespace
}  // namespace fuota::server::campaign

int main(int argc, char** argv) {
  return fuota::server::campaign::run(argc, argv);
}
