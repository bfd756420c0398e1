#include "freertos/FreeRTOS.h"
#include "freertos/timers.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Timers whose callbacks note the tick in which they ran.
class SoftwareTimer : public SessionTest {
 protected:
  TimerHandle_t create(TickType_t period, BaseType_t auto_reload) {
    return xTimerCreate("timer", period, auto_reload, this, [](TimerHandle_t timer) {
      auto* test = static_cast<SoftwareTimer*>(pvTimerGetTimerID(timer));
      test->expired_.push_back(test->now_us() / kTestTickUs);
    });
  }

  std::vector<std::int64_t> expired_;
};

TEST_F(SoftwareTimer, RunsOnceAfterItsPeriod) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    EXPECT_EQ(xTimerStart(timer, 0), pdPASS);
    vTaskDelay(20);
    EXPECT_EQ(xTimerIsTimerActive(timer), pdFALSE);
  });
  EXPECT_THAT(expired_, ElementsAre(5));
}

TEST_F(SoftwareTimer, RunsAgainAndAgain) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdTRUE);
    xTimerStart(timer, 0);
    vTaskDelay(17);
    EXPECT_EQ(xTimerIsTimerActive(timer), pdTRUE);
    EXPECT_EQ(xTimerGetExpiryTime(timer), 20U);
    xTimerStop(timer, 0);
    vTaskDelay(20);
  });
  EXPECT_THAT(expired_, ElementsAre(5, 10, 15));
}

TEST_F(SoftwareTimer, AStoppedOneDoesNotRun) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    xTimerStart(timer, 0);
    vTaskDelay(4);
    xTimerStop(timer, 0);
  });
  EXPECT_THAT(expired_, IsEmpty());
}

TEST_F(SoftwareTimer, AResetBeginsItsPeriodAnew) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    xTimerStart(timer, 0);
    vTaskDelay(4);
    xTimerReset(timer, 0);
    vTaskDelay(1);
  });
  EXPECT_THAT(expired_, ElementsAre(9));
}

TEST_F(SoftwareTimer, ANewPeriodStartsIt) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    vTaskDelay(10);
    xTimerChangePeriod(timer, 3, 0);
    vTaskDelay(1);
    EXPECT_EQ(xTimerGetPeriod(timer), 3U);
    vTaskDelay(1);
  });
  EXPECT_THAT(expired_, ElementsAre(13));
}

TEST_F(SoftwareTimer, CommandsWaitForTheTimerTask) {
  // This task has the higher priority, and keeps the processor: the start is only queued.
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    xTimerStart(timer, 0);
    EXPECT_EQ(xTimerIsTimerActive(timer), pdFALSE);
    session_.scheduler().advance(8 * kTestTickUs);
  });
  // Counted from the command, the time had passed already.
  EXPECT_THAT(expired_, ElementsAre(8));
}

TEST_F(SoftwareTimer, TheCommandQueueIsFullAtTen) {
  run_task([&] {
    TimerHandle_t timer = create(5, pdFALSE);
    for (int i = 0; i < configTIMER_QUEUE_LENGTH; ++i) EXPECT_EQ(xTimerStop(timer, 0), pdPASS);
    EXPECT_EQ(xTimerStop(timer, 0), pdFAIL);
  });
}

TEST_F(SoftwareTimer, TimersOfOneTickRunInTheOrderOfTheirStart) {
  std::vector<int> order;
  struct Slot {
    std::vector<int>* order;
    int number;
  };
  Slot slots[] = {{&order, 1}, {&order, 2}, {&order, 3}};
  run_task([&] {
    for (Slot& slot : slots) {
      TimerHandle_t timer = xTimerCreate("timer", 5, pdFALSE, &slot, [](TimerHandle_t expired_one) {
        auto* own = static_cast<Slot*>(pvTimerGetTimerID(expired_one));
        own->order->push_back(own->number);
      });
      xTimerStart(timer, 0);
    }
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(SoftwareTimer, ADeletedOneGivesItsMemoryBack) {
  run_task([&] {
    xTimerGetTimerDaemonTaskHandle();  // starts the timer task
    vTaskDelay(1);
    const std::size_t before = session_.scheduler().heap().free_bytes();
    TimerHandle_t timer = create(5, pdTRUE);
    xTimerStart(timer, 0);
    xTimerDelete(timer, 0);
    vTaskDelay(1);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
  });
  EXPECT_THAT(expired_, IsEmpty());
}

TEST_F(SoftwareTimer, CallsAPendedFunction) {
  std::uint32_t argument = 0;
  run_task([&] {
    xTimerPendFunctionCall(
        [](void* out, std::uint32_t value) { *static_cast<std::uint32_t*>(out) = value; },
        &argument, 42, 0);
  });
  EXPECT_EQ(argument, 42U);
}

}  // namespace
}  // namespace simulator::kernel
