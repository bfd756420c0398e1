// random_lives: lives of simulated devices in which anything goes wrong at any instant, and then
// nothing any more; counts the lives in which something happened that must never happen.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tests/simulation/random_lives/device_life.hpp"

namespace fuota::test {
namespace {

struct Options {
  std::uint64_t count = 1000;
  std::uint64_t seed = std::random_device{}();
  std::optional<std::uint64_t> life;
  std::uint64_t jobs = 1;
};

/// From so many lives on, each kind of trouble must have come up.
constexpr std::uint64_t kLivesForAllKinds = 1000;
/// Of the host's time: a life takes milliseconds, one that waits a day a few seconds.
constexpr unsigned kLifeSecondsMax = 120;

/// The command that lives a life again, for when the process dies in it.
std::array<char, 128> g_again;

void remember(std::uint64_t seed, std::uint64_t life) {
  std::snprintf(g_again.data(), g_again.size(), "random_lives --seed %llu --life %llu\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(life));
}

extern "C" void die(int signal) {
  constexpr char kBefore[] = "random_lives: killed in a life; again with: ";
  (void)!::write(STDERR_FILENO, kBefore, sizeof kBefore - 1);
  (void)!::write(STDERR_FILENO, g_again.data(), std::strlen(g_again.data()));
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

std::uint64_t seed_of(std::uint64_t seed, std::uint64_t life) {
  return simulator::kernel::Random(seed, life).next();
}

/// What came of many lives. Goes through a pipe as it is.
struct Tally {
  LifeCounts counts;
  std::uint64_t lives = 0;
  std::uint64_t violations = 0;
  std::int64_t virtual_us = 0;
  std::int64_t convergence_us_max = 0;

  void add(const Tally& other) {
    counts.add(other.counts);
    lives += other.lives;
    violations += other.violations;
    virtual_us += other.virtual_us;
    convergence_us_max = std::max(convergence_us_max, other.convergence_us_max);
  }
};
static_assert(std::is_trivially_copyable_v<Tally>);

class Lives {
 public:
  explicit Lives(std::uint64_t seed) : seed_(seed) {}

  void live(std::uint64_t number, const std::function<void(const std::string&)>& log) {
    remember(seed_, number);
    ::alarm(kLifeSecondsMax);
    DeviceLife life(shelf_, factory_, seed_of(seed_, number), log);
    const auto violation = life.live();
    ::alarm(0);
    tally_.add({life.counts(), 1, violation ? 1U : 0U, life.virtual_us(), life.convergence_us()});
    if (!violation) return;
    std::printf("life %llu: %s; again with: %s", static_cast<unsigned long long>(number),
                violation->c_str(), g_again.data());
    std::fflush(stdout);  // hours may pass until the next one
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  ReleaseShelf shelf_;
  FactoryBoard factory_{shelf_};
  std::uint64_t seed_;
  Tally tally_;
};

/// Every `jobs`-th life from `first` on.
Tally live_share(const Options& options, std::uint64_t first) {
  Lives lives(options.seed);
  for (std::uint64_t number = first; number < options.count; number += options.jobs) {
    lives.live(number, {});
  }
  return lives.tally();
}

/// The same in a process of its own, since a process has one chip. Gives the end of a pipe at which
/// its tally comes out.
int begin_share(const Options& options, std::uint64_t first) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t process = ::fork();
  if (process == 0) {
    const Tally tally = live_share(options, first);
    std::fflush(stdout);
    ::_exit(::write(ends[1], &tally, sizeof tally) == sizeof tally ? 0 : 1);
  }
  ::close(ends[1]);
  return process > 0 ? ends[0] : -1;
}

Tally live_all(const Options& options) {
  if (options.jobs == 1) return live_share(options, 0);
  std::vector<int> shares;
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    shares.push_back(begin_share(options, job));
  }
  Tally sum;
  for (const int share : shares) {
    Tally tally;
    // A process that died has said in which life.
    if (::read(share, &tally, sizeof tally) != sizeof tally) tally.violations = 1;
    sum.add(tally);
    ::close(share);
  }
  return sum;
}

/// False when something was violated, or hardly anything happened.
bool report(const Tally& tally, const Options& options, double host_s) {
  std::printf("%s", tally.counts.text().c_str());
  std::printf("%.1f hours per life, %.1f lives/s, converged within %.1f minutes\n",
              static_cast<double>(tally.virtual_us) / 3.6e9 / static_cast<double>(tally.lives),
              static_cast<double>(tally.lives) / host_s,
              static_cast<double>(tally.convergence_us_max) / 6e7);
  const bool is_enough = tally.lives >= kLivesForAllKinds;
  const auto missing = is_enough ? tally.counts.missing() : std::vector<std::string_view>();
  for (const std::string_view name : missing) {
    std::printf("never happened: %.*s\n", static_cast<int>(name.size()), name.data());
  }
  std::printf("lives=%llu violations=%llu seed=%llu\n",
              static_cast<unsigned long long>(tally.lives),
              static_cast<unsigned long long>(tally.violations),
              static_cast<unsigned long long>(options.seed));
  return tally.violations == 0 && missing.empty();
}

bool run(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  Tally tally;
  if (options.life) {
    ::setvbuf(stdout, nullptr, _IOLBF,
              0);  // so that a life that ends the process has its whole log
    Lives lives(options.seed);
    lives.live(*options.life, [](const std::string& line) { std::printf("%s\n", line.c_str()); });
    tally = lives.tally();
  } else {
    tally = live_all(options);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return report(tally, options, took.count());
}

}  // namespace
}  // namespace fuota::test

int main(int argc, char** argv) {
  fuota::test::Options options;
  CLI::App app{
      "Lives random lives of devices on a simulated chip, and counts those in which something "
      "happened that must never happen.\n"
      "FUOTA_IDF_VERSION=v4.4|v5.5|v6.0 chooses the ESP-IDF that the devices behave as."};
  app.add_option("--count", options.count, "How many lives")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Fixes all that is random");
  app.add_option("--life", options.life, "Live only the life of this number, with its log");
  app.add_option("--jobs", options.jobs, "How many lives at a time; changes none of them")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (const int signal : {SIGABRT, SIGSEGV, SIGALRM}) ::signal(signal, &fuota::test::die);
  return fuota::test::run(options) ? 0 : 1;
}
