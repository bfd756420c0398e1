#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task.hpp"
#include "simulator/kernel/task_handle.hpp"
#include "simulator/kernel/ticks.hpp"

namespace simulator::kernel {

namespace {

using State = Task::Notification::State;

void check_index(UBaseType_t index, const char* function) {
  if (index >= configTASK_NOTIFICATION_ARRAY_ENTRIES) {
    misuse(function, "a task has one notification");
  }
}

/// False only for eSetValueWithoutOverwrite when a notification is pending.
bool apply(Task::Notification& notification, State before, std::uint32_t value,
           eNotifyAction action) {
  switch (action) {
    case eNoAction:
      return true;
    case eSetBits:
      notification.value |= value;
      return true;
    case eIncrement:
      ++notification.value;
      return true;
    case eSetValueWithOverwrite:
      notification.value = value;
      return true;
    case eSetValueWithoutOverwrite:
      if (before == State::received) return false;
      notification.value = value;
      return true;
  }
  return false;
}

BaseType_t notify(TaskHandle_t handle, UBaseType_t index, std::uint32_t value, eNotifyAction action,
                  std::uint32_t* previous_value, const char* function) {
  check_index(index, function);
  if (handle == nullptr) misuse(function, "the handle is null");
  Scheduler& scheduler = Scheduler::current();
  Task& task = *to_task(handle);
  Task::Notification& notification = task.notification;
  if (previous_value != nullptr) *previous_value = notification.value;
  const State before = notification.state;
  notification.state = State::received;
  const bool applied = apply(notification, before, value, action);
  if (before == State::waiting) scheduler.wake(task);
  scheduler.preempt();
  return applied ? pdPASS : pdFAIL;
}

/// Blocks the running task until it is notified or the time is over.
void wait_for_notification(Task& task, TickType_t ticks, const char* function) {
  task.notification.state = State::waiting;
  if (ticks != 0) Scheduler::current().sleep_until(end_of_wait_us(ticks), function);
}

}  // namespace

}  // namespace simulator::kernel

using simulator::kernel::check_index;
using simulator::kernel::notify;
using simulator::kernel::Scheduler;
using simulator::kernel::State;
using simulator::kernel::Task;
using simulator::kernel::task_or_running;

extern "C" {

BaseType_t xTaskGenericNotify(TaskHandle_t handle, UBaseType_t index, uint32_t value,
                              eNotifyAction action, uint32_t* previous_value) {
  Scheduler::current().kernel_call();
  return notify(handle, index, value, action, previous_value, __func__);
}

BaseType_t xTaskGenericNotifyFromISR(TaskHandle_t handle, UBaseType_t index, uint32_t value,
                                     eNotifyAction action, uint32_t* previous_value,
                                     BaseType_t* woken) {
  if (woken != nullptr) *woken = pdFALSE;  // the scheduler sees by itself
  return notify(handle, index, value, action, previous_value, __func__);
}

void vTaskGenericNotifyGiveFromISR(TaskHandle_t handle, UBaseType_t index, BaseType_t* woken) {
  if (woken != nullptr) *woken = pdFALSE;
  notify(handle, index, 0, eIncrement, nullptr, __func__);
}

BaseType_t xTaskGenericNotifyWait(UBaseType_t index, uint32_t clear_on_entry,
                                  uint32_t clear_on_exit, uint32_t* value, TickType_t ticks) {
  check_index(index, __func__);
  Scheduler::current().kernel_call();
  Task& task = task_or_running(nullptr, __func__);
  Task::Notification& notification = task.notification;
  if (notification.state != State::received) {
    notification.value &= ~clear_on_entry;
    simulator::kernel::wait_for_notification(task, ticks, __func__);
  }
  if (value != nullptr) *value = notification.value;
  const bool received = notification.state == State::received;
  if (received) notification.value &= ~clear_on_exit;
  notification.state = State::none;
  return received ? pdTRUE : pdFALSE;
}

uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks) {
  check_index(index, __func__);
  Scheduler::current().kernel_call();
  Task& task = task_or_running(nullptr, __func__);
  Task::Notification& notification = task.notification;
  if (notification.value == 0) simulator::kernel::wait_for_notification(task, ticks, __func__);
  const std::uint32_t value = notification.value;
  if (value != 0) notification.value = clear_on_exit != pdFALSE ? 0 : value - 1;
  notification.state = State::none;
  return value;
}

BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t handle, UBaseType_t index) {
  check_index(index, __func__);
  Scheduler::current().kernel_call();
  Task::Notification& notification = task_or_running(handle, __func__).notification;
  if (notification.state != State::received) return pdFAIL;
  notification.state = State::none;
  return pdPASS;
}

uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t handle, UBaseType_t index, uint32_t bits) {
  check_index(index, __func__);
  Scheduler::current().kernel_call();
  Task::Notification& notification = task_or_running(handle, __func__).notification;
  const std::uint32_t before = notification.value;
  notification.value &= ~bits;
  return before;
}

}  // extern "C"
