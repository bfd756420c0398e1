#include <memory>

#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;

class FreeRtosTask : public SessionTest {};

TEST_F(FreeRtosTask, ATaskGetsItsParameter) {
  int value = 0;
  run_task([&] {
    xTaskCreate(
        [](void* parameter) {
          *static_cast<int*>(parameter) = 7;
          vTaskDelete(nullptr);
        },
        "child", 2048, &value, 1, nullptr);
  });
  EXPECT_EQ(value, 7);
}

TEST_F(FreeRtosTask, ATaskOfHigherPriorityRunsBeforeItsCreatorGoesOn) {
  std::vector<std::string> order;
  run_task([&] {
    xTaskCreate(
        [](void* list) {
          static_cast<std::vector<std::string>*>(list)->emplace_back("child");
          vTaskDelete(nullptr);
        },
        "child", 2048, &order, 6, nullptr);
    order.emplace_back("creator");
  });
  EXPECT_THAT(order, ElementsAre("child", "creator"));
}

TEST_F(FreeRtosTask, ATaskThatReturnsPanics) {
  start("test", 5, [] { xTaskCreate([](void*) {}, "short", 2048, nullptr, 1, nullptr); });
  EXPECT_EQ(session_.run(), StopReason::panic);
  ASSERT_FALSE(lines_.empty());
  EXPECT_EQ(lines_.front(),
            "E (0) FreeRTOS: FreeRTOS Task \"short\" should not return, Aborting now!");
}

TEST_F(FreeRtosTask, DelayEndsWithTheTick) {
  run_task([&] {
    vTaskDelay(3);
    EXPECT_EQ(now_us(), 3 * kTestTickUs);
    session_.scheduler().advance(4'000);
    vTaskDelay(1);
    EXPECT_EQ(now_us(), 4 * kTestTickUs);
  });
}

TEST_F(FreeRtosTask, DelayUntilKeepsItsPeriod) {
  run_task([&] {
    TickType_t wake_time = xTaskGetTickCount();
    for (int i = 1; i <= 3; ++i) {
      session_.scheduler().advance(7'000);
      EXPECT_EQ(xTaskDelayUntil(&wake_time, 2), pdTRUE);
      EXPECT_EQ(now_us(), i * 2 * kTestTickUs);
    }
  });
}

TEST_F(FreeRtosTask, DelayUntilDoesNotWaitForATimeThatHasPassed) {
  run_task([&] {
    TickType_t wake_time = xTaskGetTickCount();
    session_.scheduler().advance(5 * kTestTickUs);
    EXPECT_EQ(xTaskDelayUntil(&wake_time, 2), pdFALSE);
    EXPECT_EQ(wake_time, 2U);
  });
}

TEST_F(FreeRtosTask, CountsTicksOfTenMilliseconds) {
  run_task([&] {
    session_.scheduler().advance(99'990);
    EXPECT_EQ(xTaskGetTickCount(), 9U);
    session_.scheduler().advance(10);
    EXPECT_EQ(xTaskGetTickCount(), 10U);
    EXPECT_EQ(pdMS_TO_TICKS(1000), 100U);
    EXPECT_EQ(pdTICKS_TO_MS(7), 70U);
  });
}

TEST_F(FreeRtosTask, KnowsNamesAndHandles) {
  run_task([] {
    EXPECT_STREQ(pcTaskGetName(nullptr), "test");
    EXPECT_EQ(xTaskGetHandle("test"), xTaskGetCurrentTaskHandle());
    EXPECT_EQ(xTaskGetHandle("nobody"), nullptr);
  });
}

TEST_F(FreeRtosTask, DeletingAnotherTaskEndsIt) {
  bool went_on = false;
  auto captured = std::make_shared<int>(0);
  TaskHandle child = start("child", 6, [&went_on, captured] {
    vTaskDelay(10);
    went_on = true;
  });
  run_task([&] {
    EXPECT_EQ(uxTaskGetNumberOfTasks(), 2U);
    vTaskDelete(reinterpret_cast<TaskHandle_t>(child));
    EXPECT_EQ(uxTaskGetNumberOfTasks(), 1U);
  });
  EXPECT_FALSE(went_on);
  EXPECT_EQ(captured.use_count(), 1);
}

TEST_F(FreeRtosTask, RaisingAPriorityPreempts) {
  std::vector<std::string> order;
  TaskHandle child = start("child", 1, [&] { order.emplace_back("child"); });
  run_task([&] {
    vTaskPrioritySet(reinterpret_cast<TaskHandle_t>(child), 9);
    order.emplace_back("setter");
  });
  EXPECT_THAT(order, ElementsAre("child", "setter"));
}

TEST_F(FreeRtosTask, LoweringOnesOwnPriorityLetsOthersRun) {
  std::vector<std::string> order;
  start("other", 3, [&] { order.emplace_back("other"); });
  run_task([&] {
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 5U);
    vTaskPrioritySet(nullptr, 1);
    order.emplace_back("setter");
  });
  EXPECT_THAT(order, ElementsAre("other", "setter"));
}

TEST_F(FreeRtosTask, SuspendedUntilResumed) {
  std::int64_t resumed_us = 0;
  TaskHandle child = start("child", 6, [&] {
    vTaskSuspend(nullptr);
    resumed_us = now_us();
  });
  run_task([&] {
    auto* handle = reinterpret_cast<TaskHandle_t>(child);
    EXPECT_EQ(eTaskGetState(handle), eSuspended);
    vTaskDelay(5);
    vTaskResume(handle);
    EXPECT_NE(resumed_us, 0);
  });
  EXPECT_GE(resumed_us, 5 * kTestTickUs);
}

TEST_F(FreeRtosTask, ASuspendedSchedulerDoesNotSwitch) {
  std::vector<std::string> order;
  run_task([&] {
    vTaskSuspendAll();
    EXPECT_EQ(xTaskGetSchedulerState(), taskSCHEDULER_SUSPENDED);
    start("high", 9, [&] { order.emplace_back("high"); });
    taskYIELD();
    order.emplace_back("suspender");
    xTaskResumeAll();
    EXPECT_EQ(xTaskGetSchedulerState(), taskSCHEDULER_RUNNING);
  });
  EXPECT_THAT(order, ElementsAre("suspender", "high"));
}

TEST_F(FreeRtosTask, ACriticalSectionKeepsOthersOut) {
  portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;
  std::vector<std::string> order;
  run_task([&] {
    taskENTER_CRITICAL(&lock);
    taskENTER_CRITICAL(&lock);
    start("high", 9, [&] { order.emplace_back("high"); });
    taskEXIT_CRITICAL(&lock);
    xTaskGetTickCount();
    order.emplace_back("inside");
    taskEXIT_CRITICAL(&lock);
  });
  EXPECT_THAT(order, ElementsAre("inside", "high"));
}

TEST_F(FreeRtosTask, ATaskTakesItsStackFromTheHeapAndGivesItBack) {
  Heap& heap = session_.scheduler().heap();
  const std::size_t before = heap.free_bytes();
  run_task([&] {
    TaskHandle_t child = nullptr;
    xTaskCreate([](void*) { vTaskDelay(portMAX_DELAY); }, "child", 4096, nullptr, 6, &child);
    EXPECT_LE(heap.free_bytes(), before - 4096);
    vTaskDelete(child);
    EXPECT_EQ(heap.free_bytes(), before);
  });
}

TEST_F(FreeRtosTask, CreationFailsWhenTheHeapIsUsedUp) {
  run_task([&] {
    TaskHandle_t child = nullptr;
    const auto stack_bytes = static_cast<std::uint32_t>(session_.scheduler().heap().free_bytes());
    EXPECT_EQ(xTaskCreate([](void*) {}, "child", stack_bytes, nullptr, 1, &child),
              errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY);
    EXPECT_EQ(child, nullptr);
  });
}

TEST_F(FreeRtosTask, AStaticTaskRunsInItsCallersMemory) {
  static StackType_t stack[2048];
  static StaticTask_t control_block;
  bool ran = false;
  run_task([&] {
    const std::size_t before = session_.scheduler().heap().free_bytes();
    EXPECT_NE(xTaskCreateStatic(
                  [](void* flag) {
                    *static_cast<bool*>(flag) = true;
                    vTaskDelete(nullptr);
                  },
                  "static", sizeof stack, &ran, 6, stack, &control_block),
              nullptr);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
  });
  EXPECT_TRUE(ran);
}

struct NotifyCase {
  const char* name;
  eNotifyAction action;
  std::uint32_t value;
  std::uint32_t expected;
};

class NotifyAction : public SessionTest, public ::testing::WithParamInterface<NotifyCase> {};

TEST_P(NotifyAction, ChangesTheValue) {
  run_task([] {
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    xTaskNotify(self, 0x11, eSetValueWithOverwrite);
    xTaskNotifyStateClear(self);
    EXPECT_EQ(xTaskNotify(self, GetParam().value, GetParam().action), pdPASS);
    std::uint32_t value = 0;
    EXPECT_EQ(xTaskNotifyWait(0, 0, &value, 0), pdTRUE);
    EXPECT_EQ(value, GetParam().expected);
  });
}

INSTANTIATE_TEST_SUITE_P(Actions, NotifyAction,
                         ::testing::Values(NotifyCase{"None", eNoAction, 5, 0x11},
                                           NotifyCase{"SetBits", eSetBits, 0x22, 0x33},
                                           NotifyCase{"Increment", eIncrement, 5, 0x12},
                                           NotifyCase{"Overwrite", eSetValueWithOverwrite, 5, 5},
                                           NotifyCase{"WithoutOverwrite", eSetValueWithoutOverwrite,
                                                      5, 5}),
                         [](const auto& row) { return row.param.name; });

class Notification : public SessionTest {};

TEST_F(Notification, WithoutOverwriteDoesNotReplaceAPendingOne) {
  run_task([] {
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    xTaskNotify(self, 1, eSetValueWithOverwrite);
    EXPECT_EQ(xTaskNotify(self, 2, eSetValueWithoutOverwrite), pdFAIL);
  });
}

TEST_F(Notification, TakeBlocksUntilGiven) {
  std::int64_t taken_us = 0;
  TaskHandle taker = start("taker", 6, [&] {
    EXPECT_EQ(ulTaskNotifyTake(pdTRUE, portMAX_DELAY), 1U);
    taken_us = now_us();
  });
  run_task([&] {
    vTaskDelay(4);
    xTaskNotifyGive(reinterpret_cast<TaskHandle_t>(taker));
    EXPECT_NE(taken_us, 0);
  });
}

TEST_F(Notification, TakeCountsDownOrClears) {
  run_task([] {
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    for (int i = 0; i < 3; ++i) xTaskNotifyGive(self);
    EXPECT_EQ(ulTaskNotifyTake(pdFALSE, 0), 3U);
    EXPECT_EQ(ulTaskNotifyTake(pdTRUE, 0), 2U);
    EXPECT_EQ(ulTaskNotifyTake(pdTRUE, 0), 0U);
  });
}

TEST_F(Notification, WaitsTimeOutWithTheTick) {
  run_task([&] {
    EXPECT_EQ(ulTaskNotifyTake(pdTRUE, 3), 0U);
    EXPECT_EQ(now_us(), 3 * kTestTickUs);
    EXPECT_EQ(xTaskNotifyWait(0, 0, nullptr, 2), pdFALSE);
    EXPECT_EQ(now_us(), 5 * kTestTickUs);
  });
}

TEST_F(Notification, DoesNotEndADelay) {
  TaskHandle sleeper = start("sleeper", 6, [&] {
    vTaskDelay(10);
    EXPECT_EQ(now_us(), 10 * kTestTickUs);
  });
  run_task([&] { xTaskNotifyGive(reinterpret_cast<TaskHandle_t>(sleeper)); });
}

TEST_F(Notification, ComesFromHardwareToo) {
  bool notified = false;
  TaskHandle waiter =
      start("waiter", 6, [&] { notified = ulTaskNotifyTake(pdTRUE, portMAX_DELAY) == 1; });
  session_.scheduler().call_at(100, [&] {
    EXPECT_EQ(xPortInIsrContext(), pdTRUE);
    BaseType_t woken = pdFALSE;
    vTaskNotifyGiveFromISR(reinterpret_cast<TaskHandle_t>(waiter), &woken);
    portYIELD_FROM_ISR(woken);
  });
  session_.run();
  EXPECT_TRUE(notified);
}

using FreeRtosTaskDeathTest = FreeRtosTask;

TEST_F(FreeRtosTaskDeathTest, LeavingASectionThatWasNotEnteredEndsTheProcess) {
  start("test", 5, [] {
    portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;
    taskEXIT_CRITICAL(&lock);
  });
  EXPECT_DEATH(session_.run(), "portEXIT_CRITICAL: the lock is not taken");
}

TEST_F(FreeRtosTaskDeathTest, BlockingWhileTheSchedulerIsSuspendedEndsTheProcess) {
  start("test", 5, [] {
    vTaskSuspendAll();
    vTaskDelay(1);
  });
  EXPECT_DEATH(session_.run(), "vTaskDelay: blocks while the scheduler is suspended");
}

}  // namespace
}  // namespace simulator::kernel
