#include "tests/integration/server/campaign/server_life.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "server/storage/sha256.hpp"
#include "tests/support/server/server_command.hpp"

namespace fuota::server::campaign {
namespace {

using test_support::ServerOptions;
using test_support::ServerProcess;

constexpr int kClients = 4;
constexpr std::uint32_t kAcknowledgedMax = 60;
constexpr std::uint32_t kLoadDelayUsMax = 4'000;
constexpr std::uint32_t kStartDelayUsMax = 40'000;

/// So many of a hundred servers are killed while they start, and stopped as an operator does it.
constexpr std::uint32_t kStartingPercent = 10;
constexpr std::uint32_t kStoppedPercent = 10;

std::filesystem::path blobs(const std::filesystem::path& directory) {
  return directory / "data" / "blobs";
}

/// Counts what is acknowledged, and lets one thread wait for it.
class Acknowledgements {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }

  /// The clients have ended, for whatever reason: nothing more comes.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void wait_for(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || count_ >= count; });
  }

  [[nodiscard]] std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

}  // namespace

void LifeCounts::add(const LifeCounts& other) {
  ends += other.ends;
  killed_under_load += other.killed_under_load;
  killed_while_starting += other.killed_while_starting;
  stopped += other.stopped;
  acknowledged += other.acknowledged;
  pending_done += other.pending_done;
  pending_undone += other.pending_undone;
}

std::string to_text(const LifeCounts& counts) {
  return std::to_string(counts.killed_under_load) + " killed under load, " +
         std::to_string(counts.killed_while_starting) + " while starting, " +
         std::to_string(counts.stopped) + " stopped; " + std::to_string(counts.acknowledged) +
         " operations acknowledged, of those whose answer did not come " +
         std::to_string(counts.pending_done) + " were done and " +
         std::to_string(counts.pending_undone) + " were not";
}

ServerLife::ServerLife(std::uint32_t seed) : random_(seed) {
  for (int client = 0; client < kClients; ++client) clients_.emplace_back(client, seed);
}

ServerLife::End ServerLife::random_end() {
  End end;
  const std::uint32_t percent = random_() % 100;
  end.signal = SIGKILL;
  if (percent < kStartingPercent) {
    end.while_starting = true;
    end.delay_us = random_() % kStartDelayUsMax;
    return end;
  }
  if (percent < kStartingPercent + kStoppedPercent) end.signal = SIGTERM;
  end.acknowledged = random_() % kAcknowledgedMax;
  // At once, while the answer is on its way, or in the middle of what comes next.
  end.delay_us = random_() % 2 == 0 ? 0 : random_() % kLoadDelayUsMax;
  return end;
}

ServerOptions ServerLife::options() const {
  ServerOptions options;
  options.data_directory = directory_.path() / "data";
  options.arguments = {"--host", "127.0.0.1"};
  return options;
}

void ServerLife::live_once() {
  const End end = random_end();
  if (end.while_starting) {
    start_and_kill(end);
  } else {
    ServerProcess server(options());
    if (server.port() == 0) throw Violation("the server does not start: " + server.log());
    load_and_end(server, end);
  }
  ++counts_.ends;
  check_data();
  ServerProcess next(options());
  if (next.port() == 0) throw Violation("the server does not start again: " + next.log());
  compare(next, end.signal == SIGTERM);
}

void ServerLife::start_and_kill(const End& end) {
  ServerOptions killed = options();
  std::jthread killer;
  killed.started = [&](pid_t process) {
    killer = std::jthread([process, delay_us = end.delay_us] {
      std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
      ::kill(process, SIGKILL);
    });
  };
  ServerProcess server(killed);
  killer.join();
  static_cast<void>(server.wait());
  ++counts_.killed_while_starting;
}

void ServerLife::load_and_end(ServerProcess& server, const End& end) {
  Acknowledgements acknowledgements;
  Load load;
  load.acknowledged = [&] { acknowledgements.add(); };
  load.enough = [] { return false; };
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::jthread> threads;
  for (LoadClient& client : clients_) {
    threads.emplace_back([&] {
      try {
        client.run(server, load);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        acknowledgements.end();
      }
    });
  }
  acknowledgements.wait_for(end.acknowledged);
  std::this_thread::sleep_for(std::chrono::microseconds(end.delay_us));
  load.ending = true;
  server.signal(end.signal);
  const int status = server.wait();
  for (std::jthread& thread : threads) thread.join();
  counts_.acknowledged += acknowledgements.count();
  ++(end.signal == SIGTERM ? counts_.stopped : counts_.killed_under_load);
  if (failure) std::rethrow_exception(failure);
  const int expected = end.signal == SIGTERM ? 0 : -SIGKILL;
  if (status != expected) {
    throw Violation("the server ended with " + std::to_string(status) + ": " + server.log());
  }
}

void ServerLife::compare(const ServerProcess& server, bool with_contacts) {
  for (LoadClient& client : clients_) client.settle(server, with_contacts);
  compare_directory();
}

/// What the server left behind is sound before another one has touched it.
void ServerLife::check_data() const {
  const std::filesystem::path data = directory_.path() / "data";
  // A server that was killed while it started for the first time may have left nothing yet.
  if (!std::filesystem::exists(data / "fuota.db")) return;
  const test_support::CommandOutcome outcome =
      test_support::run_server_command(directory_.path(), {"check", "--data-dir", data.string()});
  if (outcome.status != 0) {
    throw Violation("fuota-server check: " + outcome.out + outcome.error);
  }
}

/// The directory has the contents that have a name, each once, and nothing else.
void ServerLife::compare_directory() const {
  std::set<std::string> expected{"incoming"};
  for (const LoadClient& client : clients_) {
    for (const auto& [name, content] : client.state().files) {
      storage::Sha256 hash;
      hash.update(content);
      expected.insert(storage::to_hex(hash.finish()));
    }
  }
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(blobs(directory_.path()))) {
    found.insert(entry.path().filename().string());
  }
  if (found != expected) {
    throw Violation("blobs/ has " + std::to_string(found.size()) + " entries, not " +
                    std::to_string(expected.size()) + ", or others");
  }
  if (!std::filesystem::is_empty(blobs(directory_.path()) / "incoming")) {
    throw Violation("an upload was left in blobs/incoming");
  }
}

std::string ServerLife::keep_data() const {
  const std::filesystem::path kept = directory_.path().string() + "-kept";
  std::filesystem::copy(directory_.path(), kept, std::filesystem::copy_options::recursive);
  return kept.string();
}

LifeCounts ServerLife::counts() const {
  LifeCounts counts = counts_;
  for (const LoadClient& client : clients_) {
    counts.pending_done += client.pending_done();
    counts.pending_undone += client.pending_undone();
  }
  return counts;
}

}  // namespace fuota::server::campaign
