#include "freertos/FreeRTOS.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

using simulator::kernel::misuse;
using simulator::kernel::Scheduler;

namespace {

/// How the lock on the chip names the core that holds it (the ESP32's PRO CPU).
constexpr std::uint32_t kCoreId = 0xCDCD;

}  // namespace

extern "C" {

void spinlock_initialize(spinlock_t* lock) {
  *lock = SPINLOCK_INITIALIZER;
}

void vPortEnterCriticalMultiCore(portMUX_TYPE* mux) {
  if (mux == nullptr) misuse("portENTER_CRITICAL", "the lock is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  scheduler.enter_critical();
  mux->owner = kCoreId;
  ++mux->count;
}

void vPortExitCriticalMultiCore(portMUX_TYPE* mux) {
  if (mux == nullptr || mux->count == 0) misuse("portEXIT_CRITICAL", "the lock is not taken");
  if (--mux->count == 0) mux->owner = SPINLOCK_FREE;
  Scheduler::current().exit_critical();
}

void vPortYield(void) {
  Scheduler::current().kernel_call();
  Scheduler::current().yield();
}

void vPortYieldFromISR(void) {}

BaseType_t xPortInIsrContext(void) {
  const Scheduler& scheduler = Scheduler::current();
  return scheduler.in_run() && !scheduler.in_task() ? pdTRUE : pdFALSE;
}

}  // extern "C"
