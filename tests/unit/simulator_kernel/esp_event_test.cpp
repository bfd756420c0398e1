#include "esp_event.h"

#include <memory>

#include "session_test.hpp"

ESP_EVENT_DECLARE_BASE(FRUIT_EVENT);
ESP_EVENT_DEFINE_BASE(FRUIT_EVENT);
ESP_EVENT_DEFINE_BASE(STONE_EVENT);

namespace simulator::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Handlers that note their name with the event that they got.
class EspEvent : public SessionTest {
 protected:
  struct Recorder {
    EspEvent* test;
    std::string name;
  };

  static void record(void* argument, esp_event_base_t base, std::int32_t id, void* data) {
    auto* recorder = static_cast<Recorder*>(argument);
    std::string text = recorder->name + " " + base + " " + std::to_string(id);
    if (data != nullptr) text += " " + std::to_string(*static_cast<int*>(data));
    recorder->test->calls.push_back(text);
  }

  Recorder* recorder(const std::string& name) {
    recorders_.push_back(std::make_unique<Recorder>(Recorder{this, name}));
    return recorders_.back().get();
  }

  static void post(esp_event_base_t base, std::int32_t id) {
    EXPECT_EQ(esp_event_post(base, id, nullptr, 0, 0), ESP_OK);
  }

  std::vector<std::unique_ptr<Recorder>> recorders_;

 public:
  std::vector<std::string> calls;
};

// esp_event/default_event_loop.c, esp_event_loop_create_default.
TEST_F(EspEvent, TheDefaultLoopIsCreatedOnce) {
  run_task([] {
    EXPECT_EQ(esp_event_loop_create_default(), ESP_OK);
    EXPECT_EQ(esp_event_loop_create_default(), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_event_loop_delete_default(), ESP_OK);
    EXPECT_EQ(esp_event_loop_delete_default(), ESP_ERR_INVALID_STATE);
  });
}

TEST_F(EspEvent, WithoutTheDefaultLoopNothingIsAccepted) {
  run_task([&] {
    EXPECT_EQ(esp_event_post(FRUIT_EVENT, 0, nullptr, 0, 0), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_event_handler_register(FRUIT_EVENT, 0, record, nullptr), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(esp_event_handler_unregister(FRUIT_EVENT, 0, record), ESP_ERR_INVALID_STATE);
  });
}

TEST_F(EspEvent, CallsTheMatchingHandlersInTheOrderOfTheirRegistration) {
  run_task([&] {
    esp_event_loop_create_default();
    const auto add = [&](const char* name, esp_event_base_t base, std::int32_t id) {
      EXPECT_EQ(esp_event_handler_instance_register(base, id, record, recorder(name), nullptr),
                ESP_OK);
    };
    add("fruit 1", FRUIT_EVENT, 1);
    add("all", ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID);
    add("stone", STONE_EVENT, ESP_EVENT_ANY_ID);
    add("fruit", FRUIT_EVENT, ESP_EVENT_ANY_ID);
    add("fruit 2", FRUIT_EVENT, 2);
    post(FRUIT_EVENT, 1);
    post(STONE_EVENT, 2);
  });
  EXPECT_THAT(calls,
              ElementsAre("fruit 1 FRUIT_EVENT 1", "all FRUIT_EVENT 1", "fruit FRUIT_EVENT 1",
                          "all STONE_EVENT 2", "stone STONE_EVENT 2"));
}

TEST_F(EspEvent, HandlersGetACopyOfTheData) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(FRUIT_EVENT, 1, record, recorder("handler"));
    int value = 5;
    // From a task of higher priority, so that the event waits while the original changes.
    vTaskPrioritySet(nullptr, 24);
    EXPECT_EQ(esp_event_post(FRUIT_EVENT, 1, &value, sizeof value, 0), ESP_OK);
    value = 6;
  });
  EXPECT_THAT(calls, ElementsAre("handler FRUIT_EVENT 1 5"));
}

TEST_F(EspEvent, EventsAreHandledInTheLoopsTask) {
  static std::string task_name;
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(
        FRUIT_EVENT, 1,
        [](void*, esp_event_base_t, std::int32_t, void*) { task_name = pcTaskGetName(nullptr); },
        nullptr);
    post(FRUIT_EVENT, 1);
  });
  EXPECT_EQ(task_name, "sys_evt");
}

TEST_F(EspEvent, TheSameHandlerRegisteredAgainGetsTheNewArgument) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(FRUIT_EVENT, 1, record, recorder("first"));
    esp_event_handler_register(FRUIT_EVENT, 1, record, recorder("second"));
    post(FRUIT_EVENT, 1);
  });
  EXPECT_THAT(calls, ElementsAre("second FRUIT_EVENT 1"));
}

TEST_F(EspEvent, AnUnregisteredHandlerIsNotCalled) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_instance_t instance = nullptr;
    esp_event_handler_instance_register(FRUIT_EVENT, 1, record, recorder("instance"), &instance);
    esp_event_handler_register(STONE_EVENT, 1, record, recorder("handler"));
    EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 1, instance), ESP_OK);
    EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 1, instance), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_event_handler_unregister(STONE_EVENT, 1, record), ESP_OK);
    EXPECT_EQ(esp_event_handler_unregister(STONE_EVENT, 1, record), ESP_ERR_NOT_FOUND);
    post(FRUIT_EVENT, 1);
    post(STONE_EVENT, 1);
  });
  EXPECT_THAT(calls, IsEmpty());
}

TEST_F(EspEvent, AnInstanceIsToldByItsEventToo) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_instance_t instance = nullptr;
    esp_event_handler_instance_register(FRUIT_EVENT, 1, record, recorder("instance"), &instance);
    EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 2, instance), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 1, nullptr), ESP_ERR_INVALID_ARG);
  });
}

// esp_event/esp_event.c, esp_event_handler_instance_unregister.
TEST_F(EspEvent, AHandlerMayUnregisterItselfAndOthers) {
  struct Once {
    EspEvent* test;
    esp_event_handler_instance_t self;
    esp_event_handler_instance_t other;
  };
  Once once{this, nullptr, nullptr};
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_instance_register(
        FRUIT_EVENT, 1,
        [](void* argument, esp_event_base_t, std::int32_t, void*) {
          auto* own = static_cast<Once*>(argument);
          own->test->calls.emplace_back("once");
          EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 1, own->self), ESP_OK);
          EXPECT_EQ(esp_event_handler_instance_unregister(FRUIT_EVENT, 1, own->other), ESP_OK);
        },
        &once, &once.self);
    esp_event_handler_instance_register(FRUIT_EVENT, 1, record, recorder("other"), &once.other);
    esp_event_handler_instance_register(FRUIT_EVENT, 1, record, recorder("last"), nullptr);
    post(FRUIT_EVENT, 1);
    post(FRUIT_EVENT, 1);
  });
  EXPECT_THAT(calls, ElementsAre("once", "last FRUIT_EVENT 1", "last FRUIT_EVENT 1"));
}

TEST_F(EspEvent, AHandlerMayRegisterOthers) {
  run_task([&] {
    esp_event_loop_create_default();
    Recorder* late = recorder("late");
    esp_event_handler_register(
        FRUIT_EVENT, 1,
        [](void* argument, esp_event_base_t, std::int32_t, void*) {
          esp_event_handler_register(FRUIT_EVENT, 2, record, argument);
        },
        late);
    post(FRUIT_EVENT, 1);
    post(FRUIT_EVENT, 2);
  });
  EXPECT_THAT(calls, ElementsAre("late FRUIT_EVENT 2"));
}

TEST_F(EspEvent, AnotherTaskUnregistersAfterTheHandlersHaveReturned) {
  std::int64_t unregistered_us = 0;
  start("unregister", 6, [&] {
    vTaskDelay(1);
    EXPECT_EQ(esp_event_handler_unregister(STONE_EVENT, 1, record), ESP_OK);
    unregistered_us = now_us();
  });
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(STONE_EVENT, 1, record, recorder("stone"));
    esp_event_handler_register(
        FRUIT_EVENT, 1, [](void*, esp_event_base_t, std::int32_t, void*) { vTaskDelay(10); },
        nullptr);
    post(FRUIT_EVENT, 1);
  });
  EXPECT_GE(unregistered_us, 10 * kTestTickUs);
}

TEST_F(EspEvent, AFullQueueRefusesWithTheTick) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(
        FRUIT_EVENT, 1, [](void*, esp_event_base_t, std::int32_t, void*) { vTaskDelay(1000); },
        nullptr);
    post(FRUIT_EVENT, 1);
    for (int i = 0; i < 32; ++i) post(STONE_EVENT, i);
    EXPECT_EQ(esp_event_post(STONE_EVENT, 99, nullptr, 0, 0), ESP_ERR_TIMEOUT);
    EXPECT_LT(now_us(), kTestTickUs);
    EXPECT_EQ(esp_event_post(STONE_EVENT, 99, nullptr, 0, 5), ESP_ERR_TIMEOUT);
    EXPECT_EQ(now_us(), 5 * kTestTickUs);
    EXPECT_EQ(esp_event_post(STONE_EVENT, 99, nullptr, 0, portMAX_DELAY), ESP_OK);
    EXPECT_GE(now_us(), 1000 * kTestTickUs);
  });
}

TEST_F(EspEvent, TheLoopsOwnTaskNeverWaitsForItself) {
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(
        FRUIT_EVENT, 1,
        [](void*, esp_event_base_t, std::int32_t, void*) {
          for (int i = 0; i < 32; ++i) post(STONE_EVENT, i);
          EXPECT_EQ(esp_event_post(STONE_EVENT, 32, nullptr, 0, portMAX_DELAY), ESP_ERR_TIMEOUT);
        },
        nullptr);
    post(FRUIT_EVENT, 1);
  });
}

TEST_F(EspEvent, HardwarePostsWithoutWaiting) {
  session_.scheduler().call_at(kTestTickUs, [] { post(FRUIT_EVENT, 7); });
  run_task([&] {
    esp_event_loop_create_default();
    esp_event_handler_register(FRUIT_EVENT, ESP_EVENT_ANY_ID, record, recorder("handler"));
  });
  EXPECT_THAT(calls, ElementsAre("handler FRUIT_EVENT 7"));
}

TEST_F(EspEvent, WildcardsCannotBePosted) {
  run_task([] {
    esp_event_loop_create_default();
    EXPECT_EQ(esp_event_post(ESP_EVENT_ANY_BASE, 1, nullptr, 0, 0), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_event_post(FRUIT_EVENT, ESP_EVENT_ANY_ID, nullptr, 0, 0), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_event_handler_register(ESP_EVENT_ANY_BASE, 1, record, nullptr),
              ESP_ERR_INVALID_ARG);
  });
}

TEST_F(EspEvent, ALoopWithoutATaskIsRunByItsUser) {
  run_task([&] {
    const esp_event_loop_args_t args = {4, nullptr, 0, 0, 0};
    esp_event_loop_handle_t loop = nullptr;
    ASSERT_EQ(esp_event_loop_create(&args, &loop), ESP_OK);
    esp_event_handler_register_with(loop, FRUIT_EVENT, 1, record, recorder("handler"));
    EXPECT_EQ(esp_event_post_to(loop, FRUIT_EVENT, 1, nullptr, 0, 0), ESP_OK);
    EXPECT_THAT(calls, IsEmpty());
    EXPECT_EQ(esp_event_loop_run(loop, 3), ESP_OK);
    EXPECT_EQ(now_us(), 3 * kTestTickUs);
    EXPECT_THAT(calls, ElementsAre("handler FRUIT_EVENT 1"));
    EXPECT_EQ(esp_event_loop_delete(loop), ESP_OK);
  });
}

TEST_F(EspEvent, DeletionGivesAllMemoryBack) {
  run_task([&] {
    const std::size_t before = session_.scheduler().heap().free_bytes();
    esp_event_loop_create_default();
    esp_event_handler_register(FRUIT_EVENT, 1, record, recorder("handler"));
    vTaskPrioritySet(nullptr, 24);
    const int value = 1;
    esp_event_post(FRUIT_EVENT, 1, &value, sizeof value, 0);
    EXPECT_LT(session_.scheduler().heap().free_bytes(), before - 2304);
    EXPECT_EQ(esp_event_loop_delete_default(), ESP_OK);
    EXPECT_EQ(session_.scheduler().heap().free_bytes(), before);
  });
  EXPECT_THAT(calls, IsEmpty());
}

TEST_F(EspEvent, WhatIsQueuedEndsWithTheSession) {
  start("test", 24, [] {
    esp_event_loop_create_default();
    const int value = 1;
    esp_event_post(FRUIT_EVENT, 1, &value, sizeof value, 0);
    Scheduler::current().stop(StopReason::power_off);
  });
  EXPECT_EQ(session_.run(), StopReason::power_off);
}

TEST_F(EspEvent, WhatIsBeingHandledEndsWithTheSession) {
  start("test", 1, [] {
    esp_event_loop_create_default();
    esp_event_handler_register(
        FRUIT_EVENT, 1, [](void*, esp_event_base_t, std::int32_t, void*) { vTaskDelay(100); },
        nullptr);
    const int value = 1;
    esp_event_post(FRUIT_EVENT, 1, &value, sizeof value, 0);
    Scheduler::current().stop(StopReason::power_off);
  });
  EXPECT_EQ(session_.run(), StopReason::power_off);
}

}  // namespace
}  // namespace simulator::kernel
