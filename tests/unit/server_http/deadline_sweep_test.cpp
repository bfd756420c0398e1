#include "server/http/deadline_sweep.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace fuota::server::http {
namespace {

constexpr std::chrono::milliseconds kPeriod{1};

class CountingDeadline final : public Deadline {
 public:
  int expired = 0;

 private:
  void expire() override { ++expired; }
};

class Sweep : public testing::Test {
 protected:
  /// Runs a few sweeps.
  void sweep() {
    context_.restart();
    context_.run_for(kPeriod * 5);
  }

  boost::asio::io_context context_{1};
  DeadlineSweep sweep_{context_, kPeriod};
};

TEST_F(Sweep, ExpiresADeadlineThatHasPassedOnce) {
  CountingDeadline deadline;
  sweep_.add(deadline);
  deadline.set(Deadline::Clock::now());
  sweep();
  EXPECT_EQ(deadline.expired, 1);
}

TEST_F(Sweep, LeavesADeadlineThatIsAhead) {
  CountingDeadline deadline;
  sweep_.add(deadline);
  deadline.set(Deadline::Clock::now() + std::chrono::hours(1));
  sweep();
  EXPECT_EQ(deadline.expired, 0);
}

TEST_F(Sweep, LeavesADeadlineThatWasCleared) {
  CountingDeadline deadline;
  sweep_.add(deadline);
  deadline.set(Deadline::Clock::now());
  deadline.clear();
  sweep();
  EXPECT_EQ(deadline.expired, 0);
}

TEST_F(Sweep, ForgetsADeadlineThatIsDestroyed) {
  auto gone = std::make_unique<CountingDeadline>();
  CountingDeadline kept;
  sweep_.add(*gone);
  sweep_.add(kept);
  gone->set(Deadline::Clock::now());
  kept.set(Deadline::Clock::now());
  gone.reset();
  sweep();
  EXPECT_EQ(kept.expired, 1);
}

TEST_F(Sweep, LetsTheLoopEndWhenThereAreNoDeadlines) {
  {
    CountingDeadline deadline;
    sweep_.add(deadline);
  }
  context_.run();
  EXPECT_TRUE(context_.stopped());
}

}  // namespace
}  // namespace fuota::server::http
