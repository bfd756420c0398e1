#include <algorithm>
#include <cstring>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task.hpp"
#include "simulator/kernel/task_handle.hpp"
#include "simulator/kernel/ticks.hpp"

#include "esp_log.h"
#include "simulator/kernel/panic.hpp"

namespace simulator::kernel {

Task& task_or_running(TaskHandle_t handle, const char* function) {
  Task* task = handle != nullptr ? to_task(handle) : Scheduler::current().running();
  if (task == nullptr) misuse(function, "a null handle means the running task, but none runs");
  return *task;
}

namespace {

/// What FreeRTOS allocates for the control block (ESP32, ESP-IDF v5.5).
constexpr std::size_t kControlBlockBytes = 352;

TaskHandle_t create(TaskFunction_t code, const char* name, std::size_t stack_bytes,
                    void* parameters, UBaseType_t priority, HeapBlock memory) {
  Scheduler& scheduler = Scheduler::current();
  Task* task =
      scheduler.spawn(name == nullptr ? "" : name, stack_bytes, priority, [code, parameters] {
        code(parameters);
        const char* own_name = pcTaskGetName(nullptr);
        ESP_LOGE("FreeRTOS", "FreeRTOS Task \"%s\" should not return, Aborting now!", own_name);
        panic();
      });
  task->memory = std::move(memory);
  return to_handle(task);
}

/// Blocks until the tick count is `tick`.
void sleep_until_tick(std::int64_t tick, const char* function) {
  Scheduler::current().sleep_until(tick * kTickUs, function);
}

eTaskState state_of(const Task& task) {
  switch (task.state) {
    case Task::State::ready:
      return eReady;
    case Task::State::running:
      return eRunning;
    case Task::State::blocked:
      return eBlocked;
    case Task::State::suspended:
      return eSuspended;
  }
  return eInvalid;
}

}  // namespace

}  // namespace simulator::kernel

using simulator::kernel::misuse;
using simulator::kernel::Scheduler;
using simulator::kernel::Task;
using simulator::kernel::task_or_running;
using simulator::kernel::to_handle;

extern "C" {

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t code, const char* const name,
                                   const configSTACK_DEPTH_TYPE stack_bytes, void* const parameters,
                                   UBaseType_t priority, TaskHandle_t* const created,
                                   const BaseType_t) {
  using namespace simulator::kernel;
  if (code == nullptr) misuse(__func__, "the function is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  HeapBlock memory(scheduler.heap(), stack_bytes + kControlBlockBytes);
  if (!memory.ok()) return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
  TaskHandle_t task = create(code, name, stack_bytes, parameters, priority, std::move(memory));
  if (created != nullptr) *created = task;
  scheduler.preempt();
  return pdPASS;
}

TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t code, const char* const name,
                                           const uint32_t stack_bytes, void* const parameters,
                                           UBaseType_t priority, StackType_t* const stack,
                                           StaticTask_t* const control_block, const BaseType_t) {
  if (code == nullptr) misuse(__func__, "the function is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (stack == nullptr || control_block == nullptr) return nullptr;
  TaskHandle_t task = simulator::kernel::create(code, name, stack_bytes, parameters, priority, {});
  scheduler.preempt();
  return task;
}

void vTaskDelete(TaskHandle_t handle) {
  Task& task = task_or_running(handle, __func__);
  Scheduler::current().kernel_call();
  Scheduler::current().remove(task);
}

void vTaskDelay(const TickType_t ticks) {
  using namespace simulator::kernel;
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (ticks == 0) {
    scheduler.yield();
  } else {
    sleep_until_tick(ticks_now() + ticks, __func__);
  }
}

BaseType_t xTaskDelayUntil(TickType_t* const previous_wake_time, const TickType_t increment) {
  using namespace simulator::kernel;
  if (previous_wake_time == nullptr) misuse(__func__, "the time is null");
  if (increment == 0) misuse(__func__, "the increment is 0");
  Scheduler::current().kernel_call();
  const std::int64_t now = ticks_now();
  // Counts may have wrapped; differences have not.
  const TickType_t since_previous = static_cast<TickType_t>(now) - *previous_wake_time;
  *previous_wake_time += increment;
  if (since_previous >= increment) return pdFALSE;
  sleep_until_tick(now + (increment - since_previous), __func__);
  return pdTRUE;
}

UBaseType_t uxTaskPriorityGet(const TaskHandle_t handle) {
  Scheduler::current().kernel_call();
  return task_or_running(handle, __func__).priority;
}

void vTaskPrioritySet(TaskHandle_t handle, UBaseType_t new_priority) {
  using namespace simulator::kernel;
  if (new_priority > kPriorityMax) misuse(__func__, "there is no such priority");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  Task& task = task_or_running(handle, __func__);
  const bool inherited = task.priority != task.base_priority;
  task.base_priority = new_priority;
  if (!inherited || new_priority > task.priority) {
    scheduler.set_effective_priority(task, new_priority);
  }
  scheduler.preempt();
}

eTaskState eTaskGetState(TaskHandle_t handle) {
  if (handle == nullptr) misuse(__func__, "the handle is null");
  Scheduler::current().kernel_call();
  return simulator::kernel::state_of(task_or_running(handle, __func__));
}

void vTaskSuspend(TaskHandle_t handle) {
  Scheduler::current().kernel_call();
  Scheduler::current().suspend(task_or_running(handle, __func__));
}

void vTaskResume(TaskHandle_t handle) {
  if (handle == nullptr) misuse(__func__, "the handle is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  scheduler.resume(task_or_running(handle, __func__));
  scheduler.preempt();
}

void vTaskSuspendAll(void) {
  Scheduler::current().kernel_call();
  Scheduler::current().suspend_switching();
}

BaseType_t xTaskResumeAll(void) {
  Scheduler::current().resume_switching();
  return pdFALSE;
}

BaseType_t xTaskGetSchedulerState(void) {
  const Scheduler& scheduler = Scheduler::current();
  if (!scheduler.in_run()) return taskSCHEDULER_NOT_STARTED;
  return scheduler.switching_suspended() ? taskSCHEDULER_SUSPENDED : taskSCHEDULER_RUNNING;
}

TickType_t xTaskGetTickCount(void) {
  Scheduler::current().kernel_call();
  return static_cast<TickType_t>(simulator::kernel::ticks_now());
}

TickType_t xTaskGetTickCountFromISR(void) {
  return static_cast<TickType_t>(simulator::kernel::ticks_now());
}

UBaseType_t uxTaskGetNumberOfTasks(void) {
  Scheduler::current().kernel_call();
  return static_cast<UBaseType_t>(Scheduler::current().task_count());
}

TaskHandle_t xTaskGetCurrentTaskHandle(void) {
  return to_handle(Scheduler::current().running());
}

TaskHandle_t xTaskGetHandle(const char* name) {
  if (name == nullptr) misuse(__func__, "the name is null");
  Scheduler::current().kernel_call();
  return to_handle(Scheduler::current().find(name));
}

char* pcTaskGetName(TaskHandle_t handle) {
  // FreeRTOS hands out the name in its control block as if it could be written to.
  return const_cast<char*>(task_or_running(handle, __func__).name.c_str());
}

UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t handle) {
  Scheduler::current().kernel_call();
  return static_cast<UBaseType_t>(task_or_running(handle, __func__).stack_never_used_bytes());
}

}  // extern "C"
