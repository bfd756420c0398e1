#include "esp_timer.h"

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Timers whose callbacks note the time of their call.
class EspTimer : public SessionTest {
 protected:
  esp_timer_handle_t create(bool skip_unhandled_events = false) {
    const esp_timer_create_args_t args = {[](void* test) { static_cast<EspTimer*>(test)->note(); },
                                          this, ESP_TIMER_TASK, "timer", skip_unhandled_events};
    esp_timer_handle_t timer = nullptr;
    EXPECT_EQ(esp_timer_create(&args, &timer), ESP_OK);
    return timer;
  }

  std::vector<std::int64_t> called_us_;

 public:
  void note() { called_us_.push_back(now_us()); }
};

/// Rounds away the kernel calls on the way to the callback.
std::vector<std::int64_t> in_hundreds(const std::vector<std::int64_t>& times_us) {
  std::vector<std::int64_t> rounded;
  rounded.reserve(times_us.size());
  for (const std::int64_t time_us : times_us) rounded.push_back(time_us / 100);
  return rounded;
}

TEST_F(EspTimer, TellsTheMicrosecondsSincePowerOn) {
  run_task([&] {
    const std::int64_t before = esp_timer_get_time();
    session_.scheduler().advance(12'345);
    EXPECT_EQ(esp_timer_get_time(), before + 12'345 + kKernelCallUs);
  });
}

TEST_F(EspTimer, RunsOnce) {
  run_task([&] {
    esp_timer_handle_t timer = create();
    EXPECT_EQ(esp_timer_start_once(timer, 2'500), ESP_OK);
    EXPECT_TRUE(esp_timer_is_active(timer));
    vTaskDelay(5);
    EXPECT_FALSE(esp_timer_is_active(timer));
  });
  EXPECT_THAT(in_hundreds(called_us_), ElementsAre(25));
}

TEST_F(EspTimer, RunsPeriodicallyUntilStopped) {
  run_task([&] {
    esp_timer_handle_t timer = create();
    esp_timer_start_periodic(timer, 3'000);
    vTaskDelay(1);
    EXPECT_EQ(esp_timer_stop(timer), ESP_OK);
    vTaskDelay(5);
  });
  EXPECT_THAT(in_hundreds(called_us_), ElementsAre(30, 60, 90));
}

TEST_F(EspTimer, StatesAreChecked) {
  run_task([&] {
    esp_timer_handle_t timer = create();
    EXPECT_EQ(esp_timer_stop(timer), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_timer_start_once(timer, 1'000), ESP_OK);
    EXPECT_EQ(esp_timer_start_once(timer, 1'000), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_timer_start_periodic(timer, 1'000), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_timer_delete(timer), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_timer_stop(timer), ESP_OK);
    EXPECT_EQ(esp_timer_delete(timer), ESP_OK);
    EXPECT_EQ(esp_timer_start_once(nullptr, 1), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_timer_create(nullptr, &timer), ESP_ERR_INVALID_ARG);
  });
  EXPECT_THAT(called_us_, IsEmpty());
}

TEST_F(EspTimer, ALatePeriodicOneCatchesUpOrSkips) {
  // Nobody runs during an advance, and this task keeps the processor.
  const auto calls_within_a_tick = [&](bool skip_unhandled_events) {
    called_us_.clear();
    esp_timer_handle_t timer = create(skip_unhandled_events);
    esp_timer_start_periodic(timer, 1'000);
    session_.scheduler().advance(5'500);
    vTaskDelay(1);
    esp_timer_stop(timer);
    return called_us_.size();
  };
  run_task([&] {
    vTaskPrioritySet(nullptr, 23);
    EXPECT_EQ(calls_within_a_tick(false), 9U);
    EXPECT_EQ(calls_within_a_tick(true), 5U);
  });
}

TEST_F(EspTimer, ACallbackMayDeleteItsTimer) {
  run_task([&] {
    static esp_timer_handle_t timer;
    const esp_timer_create_args_t args = {[](void* test) {
                                            static_cast<EspTimer*>(test)->note();
                                            EXPECT_EQ(esp_timer_delete(timer), ESP_OK);
                                          },
                                          this, ESP_TIMER_TASK, "once", false};
    ASSERT_EQ(esp_timer_create(&args, &timer), ESP_OK);
    esp_timer_start_once(timer, 100);
  });
  EXPECT_EQ(called_us_.size(), 1U);
}

TEST_F(EspTimer, KnowsTheNextAlarm) {
  run_task([&] {
    esp_timer_handle_t timer = create();
    EXPECT_EQ(esp_timer_get_next_alarm(), kNever);
    esp_timer_start_once(timer, 7'000);
    EXPECT_EQ(esp_timer_get_next_alarm() / 100, 70);
  });
}

}  // namespace
}  // namespace simulator::kernel
