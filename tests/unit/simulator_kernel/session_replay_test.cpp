#include <string>
#include <vector>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "freertos/timers.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

ESP_EVENT_DEFINE_BASE(REPLAY_EVENT);

constexpr char kTag[] = "REPLAY";

struct Shared {
  QueueHandle_t queue;
  SemaphoreHandle_t mutex;
};

void produce(void* argument) {
  auto* shared = static_cast<Shared*>(argument);
  for (int i = 0; i < 50; ++i) {
    const std::uint32_t value = esp_random();
    xSemaphoreTake(shared->mutex, portMAX_DELAY);
    ESP_LOGI(kTag, "%s sends %08" PRIx32, pcTaskGetName(nullptr), value);
    xSemaphoreGive(shared->mutex);
    xQueueSend(shared->queue, &value, value % 3);
    if (value % 5 == 0) vTaskDelay(value % 7);
  }
  esp_event_post(REPLAY_EVENT, 1, nullptr, 0, portMAX_DELAY);
  vTaskDelete(nullptr);
}

void consume(void* argument) {
  auto* shared = static_cast<Shared*>(argument);
  std::uint32_t value = 0;
  while (xQueueReceive(shared->queue, &value, 100) == pdTRUE) {
    ESP_LOGI(kTag, "%s got %08" PRIx32 " at %" PRId64, pcTaskGetName(nullptr), value,
             esp_timer_get_time());
  }
  vTaskDelete(nullptr);
}

/// All that a busy session of several seconds prints.
std::vector<std::string> trace(std::uint64_t seed) {
  std::vector<std::string> lines;
  Shared shared{};
  Session::Options options;
  options.seed = seed;
  options.console = [&](std::string_view line) { lines.emplace_back(line); };
  Session session(options);
  session.scheduler().spawn("main", 4096, 1, [&] {
    esp_event_loop_create_default();
    esp_event_handler_register(
        REPLAY_EVENT, ESP_EVENT_ANY_ID,
        [](void*, esp_event_base_t, std::int32_t, void*) { ESP_LOGI(kTag, "event"); }, nullptr);
    shared.queue = xQueueCreate(3, sizeof(std::uint32_t));
    shared.mutex = xSemaphoreCreateMutex();
    TimerHandle_t timer =
        xTimerCreate("tick", 13, pdTRUE, nullptr, [](TimerHandle_t) { ESP_LOGI(kTag, "timer"); });
    xTimerStart(timer, portMAX_DELAY);
    for (const char* name : {"a", "b", "c"}) xTaskCreate(produce, name, 4096, &shared, 3, nullptr);
    for (const char* name : {"x", "y"}) xTaskCreate(consume, name, 4096, &shared, 3, nullptr);
  });
  EXPECT_EQ(session.run(3'000'000), StopReason::deadline);
  return lines;
}

TEST(SessionReplay, ASeedReplaysToTheLetter) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const std::vector<std::string> first = trace(seed);
    EXPECT_GT(first.size(), 200U) << "seed " << seed;
    EXPECT_EQ(first, trace(seed)) << "seed " << seed;
  }
}

TEST(SessionReplay, AnotherSeedGoesAnotherWay) {
  EXPECT_NE(trace(1), trace(2));
}

TEST(SessionReplay, APowerCutAtAnyMomentLeavesNothingBehind) {
  // Of use under AddressSanitizer, which finds what is not freed.
  Random random(20240607);
  for (int round = 0; round < 50; ++round) {
    Session::Options options;
    options.seed = random.next();
    options.console = [](std::string_view) {};
    Session session(options);
    Shared shared{};
    session.scheduler().spawn("main", 4096, 1, [&] {
      esp_event_loop_create_default();
      shared.queue = xQueueCreate(3, sizeof(std::uint32_t));
      shared.mutex = xSemaphoreCreateMutex();
      for (const char* name : {"a", "b"}) {
        xTaskCreate(produce, name, 4096, &shared, 3, nullptr);
      }
      xTaskCreate(consume, "x", 4096, &shared, 3, nullptr);
    });
    const auto cut_us = static_cast<std::int64_t>(random.below(300'000));
    session.scheduler().call_at(cut_us,
                                [&] { session.scheduler().request_stop(StopReason::power_off); });
    EXPECT_EQ(session.run(), StopReason::power_off) << "round " << round;
  }
}

}  // namespace
}  // namespace simulator::kernel
