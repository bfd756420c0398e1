#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;

class FreeRtosQueue : public SessionTest {
 protected:
  static void send(QueueHandle_t queue, int value) {
    EXPECT_EQ(xQueueSend(queue, &value, 0), pdPASS);
  }

  static int receive(QueueHandle_t queue) {
    int value = -1;
    EXPECT_EQ(xQueueReceive(queue, &value, 0), pdPASS);
    return value;
  }
};

TEST_F(FreeRtosQueue, GivesItemsInTheOrderTheyCame) {
  run_task([] {
    QueueHandle_t queue = xQueueCreate(3, sizeof(int));
    // Twice around the ring.
    for (int i = 0; i < 6; i += 2) {
      send(queue, i);
      send(queue, i + 1);
      EXPECT_EQ(receive(queue), i);
      EXPECT_EQ(receive(queue), i + 1);
    }
  });
}

TEST_F(FreeRtosQueue, SendsToTheFrontToo) {
  run_task([] {
    QueueHandle_t queue = xQueueCreate(3, sizeof(int));
    send(queue, 1);
    send(queue, 2);
    const int urgent = 3;
    xQueueSendToFront(queue, &urgent, 0);
    EXPECT_EQ(receive(queue), 3);
    EXPECT_EQ(receive(queue), 1);
    EXPECT_EQ(receive(queue), 2);
  });
}

TEST_F(FreeRtosQueue, OverwriteReplacesTheOneItem) {
  run_task([] {
    QueueHandle_t queue = xQueueCreate(1, sizeof(int));
    for (const int value : {1, 2}) EXPECT_EQ(xQueueOverwrite(queue, &value), pdPASS);
    EXPECT_EQ(uxQueueMessagesWaiting(queue), 1U);
    EXPECT_EQ(receive(queue), 2);
  });
}

TEST_F(FreeRtosQueue, PeekLeavesTheItem) {
  run_task([] {
    QueueHandle_t queue = xQueueCreate(2, sizeof(int));
    send(queue, 4);
    int value = 0;
    EXPECT_EQ(xQueuePeek(queue, &value, 0), pdPASS);
    EXPECT_EQ(value, 4);
    EXPECT_EQ(receive(queue), 4);
  });
}

TEST_F(FreeRtosQueue, CountsItemsAndRoom) {
  run_task([] {
    QueueHandle_t queue = xQueueCreate(3, sizeof(int));
    send(queue, 1);
    EXPECT_EQ(uxQueueMessagesWaiting(queue), 1U);
    EXPECT_EQ(uxQueueSpacesAvailable(queue), 2U);
    EXPECT_EQ(xQueueReset(queue), pdPASS);
    EXPECT_EQ(uxQueueMessagesWaiting(queue), 0U);
  });
}

TEST_F(FreeRtosQueue, AFullQueueRefusesAtOnceOrWithTheTick) {
  run_task([&] {
    QueueHandle_t queue = xQueueCreate(1, sizeof(int));
    send(queue, 1);
    const int value = 2;
    EXPECT_EQ(xQueueSend(queue, &value, 0), errQUEUE_FULL);
    EXPECT_LT(now_us(), kTestTickUs);
    EXPECT_EQ(xQueueSend(queue, &value, 3), errQUEUE_FULL);
    EXPECT_EQ(now_us(), 3 * kTestTickUs);
  });
}

TEST_F(FreeRtosQueue, AnEmptyQueueRefusesAtOnceOrWithTheTick) {
  run_task([&] {
    QueueHandle_t queue = xQueueCreate(1, sizeof(int));
    int value = 0;
    EXPECT_EQ(xQueueReceive(queue, &value, 0), errQUEUE_EMPTY);
    EXPECT_LT(now_us(), kTestTickUs);
    EXPECT_EQ(xQueueReceive(queue, &value, 3), errQUEUE_EMPTY);
    EXPECT_EQ(now_us(), 3 * kTestTickUs);
    EXPECT_EQ(xQueuePeek(queue, &value, 2), errQUEUE_EMPTY);
    EXPECT_EQ(now_us(), 5 * kTestTickUs);
  });
}

TEST_F(FreeRtosQueue, WakesTheReceiverOfTheHighestPriorityFirst) {
  QueueHandle_t queue = xQueueCreate(4, sizeof(int));
  std::vector<std::string> order;
  const auto receiver = [&](const char* name, unsigned priority) {
    start(name, priority, [&order, queue, name] {
      int value = 0;
      xQueueReceive(queue, &value, portMAX_DELAY);
      order.emplace_back(name);
    });
  };
  receiver("low", 6);
  receiver("high", 7);
  run_task([&] {
    send(queue, 1);
    send(queue, 2);
  });
  EXPECT_THAT(order, ElementsAre("high", "low"));
}

TEST_F(FreeRtosQueue, WakesASenderWhenThereIsRoom) {
  QueueHandle_t queue = xQueueCreate(1, sizeof(int));
  start("sender", 6, [queue] {
    for (const int value : {1, 2}) EXPECT_EQ(xQueueSend(queue, &value, portMAX_DELAY), pdPASS);
  });
  run_task([&] {
    EXPECT_EQ(receive(queue), 1);
    EXPECT_EQ(receive(queue), 2);
  });
}

TEST_F(FreeRtosQueue, PassesAnItemOnWithTheTimeThatIsLeftWhenItWasStolen) {
  QueueHandle_t queue = xQueueCreate(1, sizeof(int));
  start("waiter", 1, [&] {
    int value = 0;
    EXPECT_EQ(xQueueReceive(queue, &value, 5), errQUEUE_EMPTY);
    EXPECT_EQ(now_us(), 5 * kTestTickUs);
  });
  run_task([&] {
    vTaskDelay(2);
    // The waiter is woken, but this task of higher priority takes the item first.
    send(queue, 1);
    receive(queue);
  });
}

TEST_F(FreeRtosQueue, WorksFromHardware) {
  QueueHandle_t queue = xQueueCreate(1, sizeof(int));
  session_.scheduler().call_at(500, [queue] {
    const int value = 9;
    BaseType_t woken = pdFALSE;
    EXPECT_EQ(xQueueSendFromISR(queue, &value, &woken), pdPASS);
    EXPECT_EQ(xQueueSendFromISR(queue, &value, &woken), errQUEUE_FULL);
    EXPECT_EQ(uxQueueMessagesWaitingFromISR(queue), 1U);
  });
  run_task([&] {
    int value = 0;
    EXPECT_EQ(xQueueReceive(queue, &value, portMAX_DELAY), pdPASS);
    EXPECT_EQ(value, 9);
    EXPECT_EQ(now_us(), 500);
  });
}

TEST_F(FreeRtosQueue, TakesFromTheHeapAndGivesBack) {
  run_task([&] {
    const std::size_t before = session_.scheduler().heap().free_bytes();
    QueueHandle_t queue = xQueueCreate(10, 100);
    EXPECT_LE(session_.scheduler().heap().free_bytes(), before - 1000);
    vQueueDelete(queue);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
    EXPECT_EQ(xQueueCreate(static_cast<UBaseType_t>(before), 1), nullptr);
  });
}

TEST_F(FreeRtosQueue, AStaticQueueLivesInItsCallersMemory) {
  static StaticQueue_t control_block;
  static std::uint8_t storage[3 * sizeof(int)];
  run_task([&] {
    const std::size_t before = session_.scheduler().heap().free_bytes();
    QueueHandle_t queue = xQueueCreateStatic(3, sizeof(int), storage, &control_block);
    send(queue, 1);
    EXPECT_EQ(receive(queue), 1);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
  });
}

TEST_F(FreeRtosQueue, WhatIsNotDeletedEndsWithTheSession) {
  run_task([] { EXPECT_NE(xQueueCreate(10, 10), nullptr); });
}

using FreeRtosQueueDeathTest = FreeRtosQueue;

TEST_F(FreeRtosQueueDeathTest, ANullHandleEndsTheProcess) {
  start("test", 5, [] { uxQueueMessagesWaiting(nullptr); });
  EXPECT_DEATH(session_.run(), "uxQueueMessagesWaiting: the handle is null");
}

TEST_F(FreeRtosQueueDeathTest, DeletingAQueueThatATaskWaitsOnEndsTheProcess) {
  QueueHandle_t queue = xQueueCreate(1, sizeof(int));
  start("waiter", 6, [queue] {
    int value = 0;
    xQueueReceive(queue, &value, portMAX_DELAY);
  });
  start("test", 5, [queue] { vQueueDelete(queue); });
  EXPECT_DEATH(session_.run(), "task 'waiter' waits on an object that is deleted");
}

TEST_F(FreeRtosQueueDeathTest, DeletingTwiceEndsTheProcess) {
  start("test", 5, [] {
    QueueHandle_t queue = xQueueCreate(1, 1);
    vQueueDelete(queue);
    vQueueDelete(queue);
  });
  EXPECT_DEATH(session_.run(), "vQueueDelete: the handle is not alive");
}

TEST_F(FreeRtosQueueDeathTest, BlockingInHardwareEndsTheProcess) {
  QueueHandle_t queue = xQueueCreate(1, sizeof(int));
  session_.scheduler().call_at(1, [queue] {
    int value = 0;
    xQueueReceive(queue, &value, 1);
  });
  EXPECT_DEATH(session_.run(), "xQueueReceive: called outside of a task");
}

}  // namespace
}  // namespace simulator::kernel
