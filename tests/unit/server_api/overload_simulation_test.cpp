// A fleet after a power return, in virtual time: what the pacer and the queue make of devices that
// wait as fuota's do (components/fuota_b/include/fuota_b/retry_schedule.hpp).

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "server/api/download_queue.hpp"
#include "server/api/poll_pacer.hpp"
#include "tests/support/server/random_seed.hpp"

namespace fuota::server::api {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kPeriodS = 30;
constexpr double kRetryWaitMaxS = 900;
constexpr int kHourS = 3600;

class PowerReturn : public testing::Test {
 protected:
  double chance() { return std::uniform_real_distribution<>(0, 1)(random_); }

  void at(double time_s, int device) { events_.emplace(time_s, device); }

  /// The next event. Moves the clock to it.
  std::pair<double, int> next() {
    const auto event = events_.top();
    events_.pop();
    now_ = DownloadQueue::TimePoint(std::chrono::hours(1000)) +
           std::chrono::duration_cast<DownloadQueue::TimePoint::duration>(Seconds(event.first));
    return event;
  }

  /// How long a device waits that was told `retry_after_s` and would have waited `own_s`.
  double wait_s(std::uint32_t retry_after_s, double own_s) {
    return std::max(retry_after_s * (1 + chance() / 8) + chance(), own_s);
  }

  const std::uint32_t seed_ = test_support::random_seed();
  std::mt19937_64 random_{seed_};
  DownloadQueue::TimePoint now_;
  std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, std::greater<>>
      events_;
};

TEST_F(PowerReturn, IsSpreadToTheRateOfChecks) {
  constexpr int kRate = 100;
  constexpr int kDevices = 20'000;
  PollPacer pacer({.checks_per_second = kRate});
  for (int device = 0; device < kDevices; ++device) at(60 * chance(), device);
  std::map<int, int> checks_by_minute;
  while (events_.top().first < kHourS) {
    const auto [time_s, device] = next();
    ++checks_by_minute[static_cast<int>(time_s / 60)];
    const auto told = pacer.count(now_, chance());
    at(time_s + wait_s(told.value_or(0), kPeriodS), device);
  }
  EXPECT_GE(checks_by_minute[0], kDevices);
  for (int minute = 1; minute < 60; ++minute) {
    EXPECT_LT(checks_by_minute[minute], kRate * 60 * 5 / 4)
        << "minute " << minute << ", seed " << seed_;
  }
  // And the rate is made use of.
  EXPECT_GT(checks_by_minute[59], kRate * 60 * 3 / 4);
}

/// A device that asks for its download.
struct Downloader {
  bool vanishes = false;  ///< Switched off while it waits, and never comes back.
  int refusals = 0;
  DownloadQueue::Admission admission;
};

struct Fleet {
  int devices;
  int at_a_time;
  double download_s;
  double longer;  ///< How many times as long as with every slot always in use it may take.
};

class DownloadsAfterAPowerReturn : public PowerReturn, public testing::WithParamInterface<Fleet> {
 protected:
  /// What a device that was refused does.
  void wait_for_another_time(double time_s, int number, Downloader& device, std::uint32_t told_s) {
    const double own_s = std::min(kRetryWaitMaxS, kPeriodS * std::pow(2, device.refusals++));
    if (!device.vanishes) at(time_s + wait_s(told_s, own_s * (0.5 + chance() / 2)), number);
  }
};

TEST_P(DownloadsAfterAPowerReturn, ReachEveryDevice) {
  const Fleet& fleet = GetParam();
  DownloadQueue queue(static_cast<std::size_t>(fleet.at_a_time), [this] { return now_; });
  std::vector<Downloader> devices(static_cast<std::size_t>(fleet.devices));
  int expected = 0;
  for (int number = 0; number < fleet.devices; ++number) {
    at(60 * chance(), number);
    const bool vanishes = chance() < 0.05;
    devices[static_cast<std::size_t>(number)].vanishes = vanishes;
    expected += vanishes ? 0 : 1;
  }
  int running = 0;
  int done = 0;
  double end_s = 0;
  while (!events_.empty()) {
    const auto [time_s, number] = next();
    Downloader& device = devices[static_cast<std::size_t>(number)];
    if (device.admission) {
      device.admission.reset();
      --running;
      done += device.vanishes ? 0 : 1;
      end_s = time_s;
      continue;
    }
    auto answer = queue.ask(std::to_string(number), chance());
    if (const auto* come_back = std::get_if<DownloadQueue::ComeBack>(&answer)) {
      wait_for_another_time(time_s, number, device, come_back->in_s);
      continue;
    }
    device.admission = std::get<DownloadQueue::Admission>(std::move(answer));
    ASSERT_LE(++running, fleet.at_a_time);
    at(time_s + fleet.download_s * (0.5 + chance()), number);
  }
  EXPECT_EQ(done, expected) << "seed " << seed_;
  EXPECT_LE(queue.queued(), static_cast<std::size_t>(fleet.devices));
  EXPECT_LT(end_s, fleet.longer * fleet.devices * fleet.download_s / fleet.at_a_time)
      << "seed " << seed_;
}

INSTANTIATE_TEST_SUITE_P(Fleets, DownloadsAfterAPowerReturn,
                         testing::Values(Fleet{20'000, 50, 20, 2}, Fleet{20'000, 1000, 300, 2},
                                         Fleet{100, 1, 120, 4}));

}  // namespace
}  // namespace fuota::server::api
