#include <algorithm>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/queue.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task.hpp"
#include "simulator/kernel/task_handle.hpp"

namespace simulator::kernel {

namespace {

/// The task that holds the mutex; null when it is free, or its holder was deleted (then it stays
/// taken for ever, as on the chip).
Task* holder_of(const QueueDefinition& mutex) {
  return mutex.holder_number == 0 ? nullptr : Scheduler::current().find(mutex.holder_number);
}

Task& running_task(const char* function) {
  Task* task = Scheduler::current().running();
  if (task == nullptr) misuse(function, "a mutex belongs to a task");
  return *task;
}

}  // namespace

void become_holder(QueueDefinition& mutex) {
  Task& task = running_task("xSemaphoreTake");
  mutex.holder_number = task.number;
  ++task.mutexes_held;
}

void inherit_priority(QueueDefinition& mutex) {
  Task* holder = holder_of(mutex);
  const unsigned priority = running_task("xSemaphoreTake").priority;
  if (holder != nullptr && holder->priority < priority) {
    Scheduler::current().set_effective_priority(*holder, priority);
  }
}

void forget_waiter(QueueDefinition& mutex) {
  Task* holder = holder_of(mutex);
  // As FreeRTOS: with more than one mutex it is not known through which one it inherited.
  if (holder == nullptr || holder->mutexes_held != 1) return;
  const Task* waiter = mutex.receivers.first();
  const unsigned wanted = waiter == nullptr ? 0 : waiter->priority;
  Scheduler::current().set_effective_priority(*holder, std::max(holder->base_priority, wanted));
}

void release_mutex(QueueDefinition& mutex) {
  Task& task = running_task("xSemaphoreGive");
  if (mutex.holder_number != task.number) {
    misuse("xSemaphoreGive", "the mutex is held by another task");
  }
  mutex.holder_number = 0;
  if (--task.mutexes_held == 0) {
    Scheduler::current().set_effective_priority(task, task.base_priority);
  }
}

}  // namespace simulator::kernel

extern "C" {

BaseType_t xQueueTakeMutexRecursive(QueueHandle_t mutex, TickType_t ticks) {
  using namespace simulator::kernel;
  if (mutex == nullptr) misuse(__func__, "the handle is null");
  if (holder_of(*mutex) != &running_task(__func__)) {
    if (xQueueSemaphoreTake(mutex, ticks) == pdFAIL) return pdFAIL;
  } else {
    Scheduler::current().kernel_call();
  }
  ++mutex->recursion;
  return pdPASS;
}

BaseType_t xQueueGiveMutexRecursive(QueueHandle_t mutex) {
  using namespace simulator::kernel;
  if (mutex == nullptr) misuse(__func__, "the handle is null");
  if (holder_of(*mutex) != &running_task(__func__)) {
    Scheduler::current().kernel_call();
    return pdFAIL;
  }
  if (--mutex->recursion == 0) return xQueueGenericSend(mutex, nullptr, 0, queueSEND_TO_BACK);
  Scheduler::current().kernel_call();
  return pdPASS;
}

TaskHandle_t xQueueGetMutexHolder(QueueHandle_t mutex) {
  using namespace simulator::kernel;
  if (mutex == nullptr) misuse(__func__, "the handle is null");
  Scheduler::current().kernel_call();
  return to_handle(mutex->is_mutex() ? holder_of(*mutex) : nullptr);
}

}  // extern "C"
