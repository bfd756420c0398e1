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
#include <random>
#include <string>

#include "tests/simulation/random_lives/device_life.hpp"

namespace fuota::test {
namespace {

struct Options {
  std::uint64_t count = 1000;
  std::uint64_t seed = std::random_device{}();
  std::optional<std::uint64_t> life;
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

class Lives {
 public:
  explicit Lives(std::uint64_t seed) : seed_(seed) {}

  void live(std::uint64_t number, const std::function<void(const std::string&)>& log) {
    remember(seed_, number);
    ::alarm(kLifeSecondsMax);
    DeviceLife life(shelf_, factory_, seed_of(seed_, number), log);
    const auto violation = life.live();
    ::alarm(0);
    ++lives_;
    counts_.add(life.counts());
    virtual_us_ += life.virtual_us();
    convergence_us_max_ = std::max(convergence_us_max_, life.convergence_us());
    if (!violation) return;
    ++violations_;
    std::printf("life %llu: %s; again with: %s", static_cast<unsigned long long>(number),
                violation->c_str(), g_again.data());
    std::fflush(stdout);  // hours may pass until the next one
  }

  /// False when something was violated, or hardly anything happened.
  [[nodiscard]] bool report(double host_s) const {
    std::printf("%s", counts_.text().c_str());
    std::printf("%.1f hours per life, %.1f lives/s, converged within %.1f minutes\n",
                static_cast<double>(virtual_us_) / 3.6e9 / static_cast<double>(lives_),
                static_cast<double>(lives_) / host_s,
                static_cast<double>(convergence_us_max_) / 6e7);
    const bool is_enough = lives_ >= kLivesForAllKinds;
    const auto missing = is_enough ? counts_.missing() : std::vector<std::string_view>();
    for (const std::string_view name : missing) {
      std::printf("never happened: %.*s\n", static_cast<int>(name.size()), name.data());
    }
    std::printf("lives=%llu violations=%llu seed=%llu\n", static_cast<unsigned long long>(lives_),
                static_cast<unsigned long long>(violations_),
                static_cast<unsigned long long>(seed_));
    return violations_ == 0 && missing.empty();
  }

 private:
  ReleaseShelf shelf_;
  FactoryBoard factory_{shelf_};
  std::uint64_t seed_;
  LifeCounts counts_;
  std::uint64_t lives_ = 0;
  std::uint64_t violations_ = 0;
  std::int64_t virtual_us_ = 0;
  std::int64_t convergence_us_max_ = 0;
};

bool run(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  Lives lives(options.seed);
  if (options.life) {
    lives.live(*options.life, [](const std::string& line) { std::printf("%s\n", line.c_str()); });
  } else {
    for (std::uint64_t number = 0; number < options.count; ++number) lives.live(number, {});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return lives.report(took.count());
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
  CLI11_PARSE(app, argc, argv);
  for (const int signal : {SIGABRT, SIGSEGV, SIGALRM}) ::signal(signal, &fuota::test::die);
  return fuota::test::run(options) ? 0 : 1;
}
