#include "simulator/kernel/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/kernel/task.hpp"
#include "simulator/kernel/wait_list.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kStackBytes = 4096;
constexpr std::int64_t kSecondUs = 1'000'000;

/// Blocks the running task for a time.
void sleep(std::int64_t duration_us) {
  Scheduler::current().sleep_until(Scheduler::current().now_us() + duration_us, "sleep");
}

/// Who ran in which order, when `task_count` equal tasks make `calls` kernel calls each.
std::string trace_of_equals(std::uint64_t seed, int task_count, int calls) {
  Scheduler scheduler({.seed = seed});
  std::string trace;
  for (int i = 0; i < task_count; ++i) {
    scheduler.spawn("equal", kStackBytes, 5, [&scheduler, &trace, calls, i] {
      for (int call = 0; call < calls; ++call) {
        trace += static_cast<char>('a' + i);
        scheduler.kernel_call();
      }
    });
  }
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  return trace;
}

TEST(Scheduler, RunsATaskToItsEnd) {
  Scheduler scheduler({});
  bool ran = false;
  scheduler.spawn("task", kStackBytes, 1, [&] { ran = true; });
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_TRUE(ran);
}

TEST(Scheduler, ForgetsATaskThatEnded) {
  Scheduler scheduler({});
  scheduler.spawn("task", kStackBytes, 1, [] {});
  scheduler.run(kNever);
  EXPECT_EQ(scheduler.task_count(), 0U);
}

TEST(Scheduler, CutsTaskNamesAsFreeRtosDoes) {
  Scheduler scheduler({});
  const TaskHandle task = scheduler.spawn("a name of 20 letters", kStackBytes, 1, [] {});
  EXPECT_EQ(task->name, "a name of 20 le");
}

TEST(Scheduler, RunsHigherPrioritiesFirst) {
  Scheduler scheduler({});
  std::vector<int> order;
  for (const unsigned priority : {1U, 3U, 2U}) {
    scheduler.spawn("task", kStackBytes, priority,
                    [&, priority] { order.push_back(static_cast<int>(priority)); });
  }
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre(3, 2, 1));
}

TEST(Scheduler, PreemptsAtTheNextKernelCall) {
  Scheduler scheduler({});
  std::vector<std::string> order;
  scheduler.spawn("low", kStackBytes, 1, [&] {
    scheduler.spawn("high", kStackBytes, 2, [&] { order.emplace_back("high"); });
    order.emplace_back("low before");
    scheduler.kernel_call();
    order.emplace_back("low after");
  });
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre("low before", "high", "low after"));
}

TEST(Scheduler, KernelCallsOutsideOfTasksCostNothing) {
  Scheduler scheduler({});
  scheduler.kernel_call();
  EXPECT_EQ(scheduler.now_us(), 0);
}

TEST(Scheduler, APollingLoopDoesNotFreezeTheClock) {
  Scheduler scheduler({});
  scheduler.spawn("poll", kStackBytes, 1, [&] {
    while (scheduler.now_us() < 1000) scheduler.kernel_call();
  });
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_EQ(scheduler.now_us(), 1000);
}

TEST(Scheduler, JumpsToTheNextThingThatIsDue) {
  Scheduler scheduler({});
  std::vector<std::int64_t> woken_us;
  scheduler.spawn("sleeper", kStackBytes, 1, [&] {
    sleep(3600 * kSecondUs);
    woken_us.push_back(scheduler.now_us());
  });
  const auto begin = std::chrono::steady_clock::now();
  scheduler.run(kNever);
  EXPECT_THAT(woken_us, ElementsAre(3600 * kSecondUs));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Scheduler, FollowsTheHostsClockWhenAskedTo) {
  Scheduler scheduler({.seed = 1, .speed = Speed::real});
  scheduler.spawn("sleeper", kStackBytes, 1, [] { sleep(20'000); });
  const auto begin = std::chrono::steady_clock::now();
  scheduler.run(kNever);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(20));
}

TEST(Scheduler, FollowsTheHostsClockWhilePolling) {
  Scheduler scheduler({.seed = 1, .speed = Speed::real});
  scheduler.spawn("poll", kStackBytes, 1, [&] {
    while (scheduler.now_us() < 20'000) scheduler.kernel_call();
  });
  const auto begin = std::chrono::steady_clock::now();
  scheduler.run(kNever);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(18));
}

TEST(Scheduler, StopsAtTheDeadlineAndGoesOnBehindIt) {
  Scheduler scheduler({});
  std::vector<std::int64_t> woken_us;
  scheduler.spawn("sleeper", kStackBytes, 1, [&] {
    for (int i = 0; i < 2; ++i) {
      sleep(100);
      woken_us.push_back(scheduler.now_us());
    }
  });
  EXPECT_EQ(scheduler.run(150), StopReason::deadline);
  EXPECT_EQ(scheduler.now_us(), 150);
  EXPECT_THAT(woken_us, ElementsAre(100));
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_THAT(woken_us, ElementsAre(100, 200));
}

TEST(Scheduler, LeavesWhatIsDueAtTheDeadlineToTheNextRun) {
  Scheduler scheduler({});
  bool called = false;
  scheduler.call_at(100, [&] { called = true; });
  scheduler.run(100);
  EXPECT_FALSE(called);
  scheduler.run(101);
  EXPECT_TRUE(called);
}

TEST(Scheduler, StopsInTheMiddleOfAnAdvanceAndFinishesIt) {
  Scheduler scheduler({});
  std::int64_t done_us = 0;
  scheduler.spawn("flash", kStackBytes, 1, [&] {
    scheduler.advance(1000);
    done_us = scheduler.now_us();
  });
  EXPECT_EQ(scheduler.run(400), StopReason::deadline);
  EXPECT_EQ(scheduler.now_us(), 400);
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_EQ(done_us, 1000);
}

TEST(Scheduler, AdvanceKeepsOthersFromRunning) {
  Scheduler scheduler({});
  std::vector<std::string> order;
  scheduler.spawn("sleeper", kStackBytes, 9, [&] {
    sleep(10);
    order.emplace_back("sleeper");
  });
  scheduler.spawn("flash", kStackBytes, 1, [&] {
    scheduler.advance(1000);
    order.emplace_back("flash");
    scheduler.kernel_call();
  });
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre("flash", "sleeper"));
}

TEST(Scheduler, CallbacksRunOnTimeDuringAnAdvance) {
  Scheduler scheduler({});
  std::vector<std::int64_t> called_us;
  scheduler.call_at(300, [&] { called_us.push_back(scheduler.now_us()); });
  scheduler.spawn("flash", kStackBytes, 1, [&] { scheduler.advance(1000); });
  scheduler.run(kNever);
  EXPECT_THAT(called_us, ElementsAre(300));
}

TEST(Scheduler, CallbacksWaitForTheEndOfACriticalSection) {
  Scheduler scheduler({});
  std::vector<std::int64_t> called_us;
  scheduler.call_at(300, [&] { called_us.push_back(scheduler.now_us()); });
  scheduler.spawn("flash", kStackBytes, 1, [&] {
    scheduler.enter_critical();
    scheduler.advance(1000);
    scheduler.exit_critical();
  });
  scheduler.run(kNever);
  EXPECT_THAT(called_us, ElementsAre(1000));
}

TEST(Scheduler, OthersWaitForTheEndOfACriticalSection) {
  Scheduler scheduler({});
  std::vector<std::string> order;
  scheduler.spawn("low", kStackBytes, 1, [&] {
    scheduler.enter_critical();
    scheduler.spawn("high", kStackBytes, 2, [&] { order.emplace_back("high"); });
    scheduler.kernel_call();
    order.emplace_back("inside");
    scheduler.exit_critical();
    order.emplace_back("behind");
  });
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre("inside", "high", "behind"));
}

TEST(Scheduler, CallbacksRunOutsideOfTasks) {
  Scheduler scheduler({});
  std::optional<bool> in_task;
  scheduler.call_at(10, [&] { in_task = scheduler.in_task(); });
  scheduler.spawn("flash", kStackBytes, 1, [&] { scheduler.advance(100); });
  scheduler.run(kNever);
  EXPECT_EQ(in_task, false);
}

TEST(Scheduler, CallbacksOfOneTimeRunInTheOrderOfTheirCalls) {
  Scheduler scheduler({});
  std::vector<int> order;
  for (const int i : {1, 2, 3}) {
    scheduler.call_at(50, [&order, i] { order.push_back(i); });
  }
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(Scheduler, ACancelledCallbackDoesNotRun) {
  Scheduler scheduler({});
  bool called = false;
  const std::uint64_t id = scheduler.call_at(50, [&] { called = true; });
  scheduler.cancel(id);
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_FALSE(called);
}

TEST(Scheduler, AWaitEndsWhenItIsWoken) {
  Scheduler scheduler({});
  WaitList list;
  std::optional<bool> woken;
  scheduler.spawn("waiter", kStackBytes, 1, [&] { woken = scheduler.wait(list, kNever, "test"); });
  scheduler.call_at(10, [&] { scheduler.wake_first(list); });
  scheduler.run(kNever);
  EXPECT_EQ(woken, true);
}

TEST(Scheduler, AWaitEndsAtItsTime) {
  Scheduler scheduler({});
  WaitList list;
  std::optional<bool> woken;
  scheduler.spawn("waiter", kStackBytes, 1, [&] { woken = scheduler.wait(list, 500, "test"); });
  scheduler.run(kNever);
  EXPECT_EQ(woken, false);
  EXPECT_EQ(scheduler.now_us(), 500);
}

TEST(Scheduler, WakesByPriorityThenByArrival) {
  Scheduler scheduler({});
  WaitList list;
  std::vector<std::string> order;
  const auto waiter = [&](const std::string& name, unsigned priority, std::int64_t arrival_us) {
    scheduler.spawn(name, kStackBytes, priority, [&, name, arrival_us] {
      sleep(arrival_us);
      scheduler.wait(list, kNever, "test");
      order.push_back(name);
    });
  };
  waiter("low first", 1, 10);
  waiter("low second", 1, 20);
  waiter("high", 2, 30);
  for (const int i : {1, 2, 3}) {
    scheduler.call_at(100 + i, [&] { scheduler.wake_first(list); });
  }
  scheduler.run(kNever);
  EXPECT_THAT(order, ElementsAre("high", "low first", "low second"));
}

TEST(Scheduler, IsIdleWhenAllTasksWaitForEver) {
  Scheduler scheduler({});
  WaitList list;
  scheduler.spawn("waiter", kStackBytes, 1, [&] { scheduler.wait(list, kNever, "test"); });
  EXPECT_EQ(scheduler.run(kSecondUs), StopReason::idle);
  EXPECT_EQ(scheduler.task_count(), 1U);
}

TEST(Scheduler, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(trace_of_equals(seed, 4, 100), trace_of_equals(seed, 4, 100)) << "seed " << seed;
  }
}

TEST(Scheduler, AnotherSeedGivesAnotherTrace) {
  EXPECT_NE(trace_of_equals(1, 4, 100), trace_of_equals(2, 4, 100));
}

TEST(Scheduler, NoReadyTaskIsPassedOverForLong) {
  constexpr int kTasks = 4;
  constexpr int kCalls = 1000;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string trace = trace_of_equals(seed, kTasks, kCalls);
    // Up to where the first task ends all of them are ready.
    std::vector<int> done(kTasks, 0);
    std::vector<std::size_t> last(kTasks, 0);
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const auto task = static_cast<std::size_t>(trace[i] - 'a');
      EXPECT_LE(i - last[task], kPassedOverMax + kTasks + 1) << "seed " << seed << " at " << i;
      last[task] = i;
      if (++done[task] == kCalls) break;
    }
  }
}

TEST(Scheduler, YieldLetsAnEqualTaskRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Scheduler scheduler({.seed = seed});
    std::string trace;
    for (const char name : {'a', 'b'}) {
      scheduler.spawn("equal", kStackBytes, 1, [&scheduler, &trace, name] {
        trace += name;
        scheduler.yield();
        trace += name;
      });
    }
    scheduler.run(kNever);
    EXPECT_NE(trace[0], trace[1]) << "seed " << seed;
  }
}

struct StopCase {
  const char* name;
  StopReason reason;
};

class SchedulerStop : public ::testing::TestWithParam<StopCase> {};

TEST_P(SchedulerStop, EndsTheSessionAndDropsTheTasks) {
  auto captured = std::make_shared<int>(1);
  bool went_on = false;
  bool other_ran = false;
  {
    Scheduler scheduler({});
    scheduler.spawn("stops", kStackBytes, 2, [&, captured] {
      scheduler.stop(GetParam().reason);
      went_on = true;
    });
    scheduler.spawn("other", kStackBytes, 1, [&, captured] { other_ran = true; });
    EXPECT_EQ(scheduler.run(kNever), GetParam().reason);
  }
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(other_ran);
  EXPECT_EQ(captured.use_count(), 1);
}

TEST_P(SchedulerStop, CanBeAskedForByACallback) {
  bool went_on = false;
  Scheduler scheduler({});
  scheduler.spawn("flash", kStackBytes, 1, [&] {
    scheduler.advance(1000);
    went_on = true;
  });
  scheduler.call_at(10, [&] { scheduler.request_stop(GetParam().reason); });
  EXPECT_EQ(scheduler.run(kNever), GetParam().reason);
  EXPECT_FALSE(went_on);
  EXPECT_EQ(scheduler.now_us(), 10);
}

INSTANTIATE_TEST_SUITE_P(Reasons, SchedulerStop,
                         ::testing::Values(StopCase{"Restart", StopReason::restart},
                                           StopCase{"Panic", StopReason::panic},
                                           StopCase{"PowerOff", StopReason::power_off}),
                         [](const auto& row) { return row.param.name; });

TEST(Scheduler, DroppedTasksAreNotUnwound) {
  struct Witness {
    bool* destroyed;
    ~Witness() { *destroyed = true; }
  };
  bool destroyed = false;
  {
    Scheduler scheduler({});
    scheduler.spawn("task", kStackBytes, 1, [&] {
      const Witness witness{&destroyed};
      sleep(kSecondUs);
    });
    scheduler.run(10);
  }
  EXPECT_FALSE(destroyed);
}

TEST(Scheduler, ARequestToStopLeavesTheTasksAsTheyAre) {
  Scheduler scheduler({});
  bool done = false;
  scheduler.spawn("task", kStackBytes, 1, [&] {
    scheduler.request_stop();
    scheduler.kernel_call();
    done = true;
  });
  EXPECT_EQ(scheduler.run(kNever), StopReason::requested);
  EXPECT_FALSE(done);
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_TRUE(done);
}

TEST(Scheduler, ATaskCanRemoveItself) {
  Scheduler scheduler({});
  bool went_on = false;
  scheduler.spawn("task", kStackBytes, 1, [&] {
    scheduler.remove(*scheduler.running());
    went_on = true;
  });
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_FALSE(went_on);
  EXPECT_EQ(scheduler.task_count(), 0U);
}

TEST(Scheduler, AWaitingTaskCanBeRemoved) {
  Scheduler scheduler({});
  WaitList list;
  const TaskHandle waiter =
      scheduler.spawn("waiter", kStackBytes, 2, [&] { scheduler.wait(list, kSecondUs, "test"); });
  scheduler.spawn("remover", kStackBytes, 1, [&] { scheduler.remove(*waiter); });
  EXPECT_EQ(scheduler.run(kNever), StopReason::idle);
  EXPECT_TRUE(list.empty());
  EXPECT_LT(scheduler.now_us(), kSecondUs);
}

TEST(Scheduler, ASuspendedTaskDoesNotRunUntilItIsResumed) {
  Scheduler scheduler({});
  std::int64_t ran_us = -1;
  const TaskHandle task =
      scheduler.spawn("task", kStackBytes, 1, [&] { ran_us = scheduler.now_us(); });
  scheduler.suspend(*task);
  scheduler.call_at(700, [&] { scheduler.resume(*task); });
  scheduler.run(kNever);
  EXPECT_EQ(ran_us, 700);
}

TEST(Scheduler, RemembersHowMuchStackATaskUsed) {
  Scheduler scheduler({});
  std::size_t left_bytes = 0;
  scheduler.spawn("task", 64 * 1024, 1, [&] {
    volatile char frame[16 * 1024];
    for (volatile char& byte : frame) byte = 1;
    left_bytes = scheduler.running()->stack_never_used_bytes();
  });
  scheduler.run(kNever);
  EXPECT_GT(left_bytes, 0U);
  EXPECT_LE(left_bytes, 48U * 1024);
}

TEST(Scheduler, AThousandSessionsWithDroppedTasksFit) {
  for (int session = 0; session < 1000; ++session) {
    Scheduler scheduler({});
    for (int i = 0; i < 5; ++i) {
      scheduler.spawn("task", 10240, 1, [] { sleep(kSecondUs); });
    }
    scheduler.run(10);
  }
}

using SchedulerDeathTest = ::testing::Test;

TEST(SchedulerDeathTest, BlockingInACriticalSectionEndsTheProcess) {
  Scheduler scheduler({});
  scheduler.spawn("task", kStackBytes, 1, [&] {
    scheduler.enter_critical();
    sleep(1);
  });
  EXPECT_DEATH(scheduler.run(kNever), "sleep: blocks in a critical section");
}

TEST(SchedulerDeathTest, BlockingInACallbackEndsTheProcess) {
  Scheduler scheduler({});
  scheduler.call_at(1, [] { sleep(1); });
  EXPECT_DEATH(scheduler.run(kNever), "sleep: called outside of a task");
}

TEST(SchedulerDeathTest, ASecondSessionEndsTheProcess) {
  Scheduler scheduler({});
  EXPECT_DEATH(Scheduler({}), "another session is alive");
}

TEST(SchedulerDeathTest, WithoutASessionThereIsNoCurrentOne) {
  EXPECT_DEATH(Scheduler::current(), "no session is alive");
}

}  // namespace
}  // namespace simulator::kernel
