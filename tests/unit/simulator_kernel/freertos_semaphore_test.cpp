#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/semphr.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;

class Semaphore : public SessionTest {};

TEST_F(Semaphore, ABinaryOneIsCreatedEmpty) {
  run_task([] { EXPECT_EQ(xSemaphoreTake(xSemaphoreCreateBinary(), 0), pdFALSE); });
}

TEST_F(Semaphore, ABinaryOneHoldsOneToken) {
  run_task([] {
    SemaphoreHandle_t semaphore = xSemaphoreCreateBinary();
    EXPECT_EQ(xSemaphoreGive(semaphore), pdTRUE);
    EXPECT_EQ(xSemaphoreGive(semaphore), pdFALSE);
    EXPECT_EQ(xSemaphoreTake(semaphore, 0), pdTRUE);
    EXPECT_EQ(xSemaphoreTake(semaphore, 0), pdFALSE);
  });
}

TEST_F(Semaphore, ATakeTimesOutWithTheTick) {
  run_task([&] {
    session_.scheduler().advance(3'000);
    EXPECT_EQ(xSemaphoreTake(xSemaphoreCreateBinary(), 20), pdFALSE);
    EXPECT_EQ(now_us(), 20 * kTestTickUs);
  });
}

TEST_F(Semaphore, AGiveWakesTheTaker) {
  SemaphoreHandle_t semaphore = xSemaphoreCreateBinary();
  std::int64_t taken_us = 0;
  start("taker", 6, [&] {
    EXPECT_EQ(xSemaphoreTake(semaphore, portMAX_DELAY), pdTRUE);
    taken_us = now_us();
  });
  run_task([&] {
    vTaskDelay(7);
    xSemaphoreGive(semaphore);
    EXPECT_GE(taken_us, 7 * kTestTickUs);
  });
}

TEST_F(Semaphore, ACountingOneCountsToItsMaximum) {
  run_task([] {
    SemaphoreHandle_t semaphore = xSemaphoreCreateCounting(3, 2);
    EXPECT_EQ(uxSemaphoreGetCount(semaphore), 2U);
    EXPECT_EQ(xSemaphoreGive(semaphore), pdTRUE);
    EXPECT_EQ(xSemaphoreGive(semaphore), pdFALSE);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(xSemaphoreTake(semaphore, 0), pdTRUE);
    EXPECT_EQ(xSemaphoreTake(semaphore, 0), pdFALSE);
  });
}

TEST_F(Semaphore, IsGivenByHardware) {
  SemaphoreHandle_t semaphore = xSemaphoreCreateBinary();
  session_.scheduler().call_at(123'456, [semaphore] { xSemaphoreGiveFromISR(semaphore, nullptr); });
  run_task([&] {
    EXPECT_EQ(xSemaphoreTake(semaphore, portMAX_DELAY), pdTRUE);
    EXPECT_EQ(now_us(), 123'456);
  });
}

TEST_F(Semaphore, StaticOnesTakeNothingFromTheHeap) {
  static StaticSemaphore_t memory[4];
  run_task([&] {
    const std::size_t before = session_.scheduler().heap().free_bytes();
    EXPECT_NE(xSemaphoreCreateBinaryStatic(&memory[0]), nullptr);
    EXPECT_NE(xSemaphoreCreateCountingStatic(2, 1, &memory[1]), nullptr);
    EXPECT_NE(xSemaphoreCreateMutexStatic(&memory[2]), nullptr);
    EXPECT_NE(xSemaphoreCreateRecursiveMutexStatic(&memory[3]), nullptr);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
  });
}

class Mutex : public SessionTest {};

TEST_F(Mutex, IsCreatedFreeAndKnowsItsHolder) {
  run_task([] {
    SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
    EXPECT_EQ(xSemaphoreGetMutexHolder(mutex), nullptr);
    EXPECT_EQ(xSemaphoreTake(mutex, 0), pdTRUE);
    EXPECT_EQ(xSemaphoreGetMutexHolder(mutex), xTaskGetCurrentTaskHandle());
    EXPECT_EQ(xSemaphoreGive(mutex), pdTRUE);
    EXPECT_EQ(xSemaphoreGive(mutex), pdFALSE);
  });
}

TEST_F(Mutex, ItsHolderInheritsThePriorityOfWhoWaits) {
  SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
  std::vector<std::string> order;
  start("low", 1, [&] {
    xSemaphoreTake(mutex, portMAX_DELAY);
    vTaskDelay(2);
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 9U);
    order.emplace_back("low");
    xSemaphoreGive(mutex);
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 1U);
  });
  start("high", 9, [&] {
    vTaskDelay(1);
    xSemaphoreTake(mutex, portMAX_DELAY);
    order.emplace_back("high");
    xSemaphoreGive(mutex);
  });
  // Would keep "low" from running, and so "high" too, were the priority not inherited.
  start("middle", 5, [&] {
    vTaskDelay(1);
    while (now_us() < 5 * kTestTickUs) taskYIELD();
    order.emplace_back("middle");
  });
  EXPECT_EQ(session_.run(), StopReason::idle);
  EXPECT_THAT(order, ElementsAre("low", "high", "middle"));
}

TEST_F(Mutex, TheInheritedPriorityEndsWhenTheWaiterGivesUp) {
  SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
  start("low", 1, [&] {
    xSemaphoreTake(mutex, portMAX_DELAY);
    vTaskDelay(2);
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 9U);
    vTaskDelay(4);
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 1U);
    xSemaphoreGive(mutex);
  });
  start("high", 9, [&] {
    vTaskDelay(1);
    EXPECT_EQ(xSemaphoreTake(mutex, 3), pdFALSE);
  });
  EXPECT_EQ(session_.run(), StopReason::idle);
}

TEST_F(Mutex, ATryDoesNotRaiseTheHolder) {
  SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
  start("low", 1, [&] {
    xSemaphoreTake(mutex, portMAX_DELAY);
    vTaskDelay(3);
    EXPECT_EQ(uxTaskPriorityGet(nullptr), 1U);
    xSemaphoreGive(mutex);
  });
  start("high", 9, [&] {
    vTaskDelay(1);
    EXPECT_EQ(xSemaphoreTake(mutex, 0), pdFALSE);
  });
  EXPECT_EQ(session_.run(), StopReason::idle);
}

TEST_F(Mutex, ARecursiveOneIsFreeAfterTheLastGive) {
  SemaphoreHandle_t mutex = xSemaphoreCreateRecursiveMutex();
  std::vector<std::string> order;
  start("other", 6, [&] {
    vTaskDelay(1);
    EXPECT_EQ(xSemaphoreGiveRecursive(mutex), pdFALSE);
    xSemaphoreTakeRecursive(mutex, portMAX_DELAY);
    order.emplace_back("other");
    xSemaphoreGiveRecursive(mutex);
  });
  run_task([&] {
    EXPECT_EQ(xSemaphoreTakeRecursive(mutex, 0), pdTRUE);
    EXPECT_EQ(xSemaphoreTakeRecursive(mutex, 0), pdTRUE);
    vTaskDelay(3);
    xSemaphoreGiveRecursive(mutex);
    order.emplace_back("first give");
    xSemaphoreGiveRecursive(mutex);
    order.emplace_back("second give");
  });
  EXPECT_THAT(order, ElementsAre("first give", "other", "second give"));
}

using MutexDeathTest = Mutex;

TEST_F(MutexDeathTest, GivingAMutexOfAnotherTaskEndsTheProcess) {
  SemaphoreHandle_t mutex = xSemaphoreCreateMutex();
  start("holder", 6, [mutex] {
    xSemaphoreTake(mutex, 0);
    vTaskDelay(portMAX_DELAY);
  });
  start("test", 5, [mutex] { xSemaphoreGive(mutex); });
  EXPECT_DEATH(session_.run(), "xSemaphoreGive: the mutex is held by another task");
}

class EventGroup : public SessionTest {};

TEST_F(EventGroup, WaitsForOneBitOrAll) {
  EventGroupHandle_t group = xEventGroupCreate();
  std::vector<std::string> order;
  start("all", 6, [&] {
    EXPECT_EQ(xEventGroupWaitBits(group, 0x3, pdFALSE, pdTRUE, portMAX_DELAY), 0x3U);
    order.emplace_back("all");
  });
  start("any", 6, [&] {
    EXPECT_EQ(xEventGroupWaitBits(group, 0x3, pdFALSE, pdFALSE, portMAX_DELAY), 0x1U);
    order.emplace_back("any");
  });
  run_task([&] {
    xEventGroupSetBits(group, 0x1);
    order.emplace_back("first");
    xEventGroupSetBits(group, 0x2);
  });
  EXPECT_THAT(order, ElementsAre("any", "first", "all"));
}

TEST_F(EventGroup, ClearsOnExitAfterAllHaveSeen) {
  EventGroupHandle_t group = xEventGroupCreate();
  int seen = 0;
  for (int i = 0; i < 2; ++i) {
    start("waiter", 6, [&] {
      EXPECT_EQ(xEventGroupWaitBits(group, 0x1, pdTRUE, pdTRUE, portMAX_DELAY), 0x5U);
      ++seen;
    });
  }
  run_task([&] {
    EXPECT_EQ(xEventGroupSetBits(group, 0x5), 0x4U);
    EXPECT_EQ(seen, 2);
  });
}

TEST_F(EventGroup, ATimeoutGivesTheBitsAndClearsNone) {
  run_task([&] {
    EventGroupHandle_t group = xEventGroupCreate();
    xEventGroupSetBits(group, 0x1);
    EXPECT_EQ(xEventGroupWaitBits(group, 0x3, pdTRUE, pdTRUE, 4), 0x1U);
    EXPECT_EQ(now_us(), 4 * kTestTickUs);
    EXPECT_EQ(xEventGroupGetBits(group), 0x1U);
    EXPECT_EQ(xEventGroupClearBits(group, 0x1), 0x1U);
    EXPECT_EQ(xEventGroupGetBits(group), 0U);
  });
}

TEST_F(EventGroup, SyncIsARendezvous) {
  EventGroupHandle_t group = xEventGroupCreate();
  std::vector<std::int64_t> met_us;
  for (const EventBits_t bit : {1U, 2U, 4U}) {
    start("party", 6, [&, bit] {
      vTaskDelay(bit);
      xEventGroupSync(group, bit, 0x7, portMAX_DELAY);
      met_us.push_back(now_us() / kTestTickUs);
    });
  }
  EXPECT_EQ(session_.run(), StopReason::idle);
  EXPECT_THAT(met_us, ElementsAre(4, 4, 4));
}

TEST_F(EventGroup, DeletionEndsTheWaits) {
  EventGroupHandle_t group = xEventGroupCreate();
  bool ended = false;
  start("waiter", 6, [&] {
    EXPECT_EQ(xEventGroupWaitBits(group, 0x1, pdFALSE, pdTRUE, portMAX_DELAY), 0U);
    ended = true;
  });
  run_task([&] { vEventGroupDelete(group); });
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace simulator::kernel
