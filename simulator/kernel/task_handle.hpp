#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "simulator/kernel/task.hpp"

namespace simulator::kernel {

/// FreeRTOS's opaque handle is the address of the scheduler's task.
inline TaskHandle_t to_handle(Task* task) {
  return reinterpret_cast<TaskHandle_t>(task);
}
inline Task* to_task(TaskHandle_t handle) {
  return reinterpret_cast<Task*>(handle);
}

/// The task of the handle, the running one for null. Ends the process when there is none.
Task& task_or_running(TaskHandle_t handle, const char* function);

}  // namespace simulator::kernel
