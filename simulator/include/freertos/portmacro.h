#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "freertos/FreeRTOSConfig.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t StackType_t;  ///< ESP-IDF counts stacks in bytes
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;

#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define portTICK_PERIOD_MS ((TickType_t)(1000 / configTICK_RATE_HZ))

/// A lock between the cores. The simulated chip runs one task at a time, so that a critical section
/// only keeps others from running; the lock finds sections that are left in another order than
/// entered, or not at all.
typedef struct {
  uint32_t owner;
  uint32_t count;
} spinlock_t;

typedef spinlock_t portMUX_TYPE;

#define SPINLOCK_FREE 0xB33FFFFF
#define SPINLOCK_INITIALIZER \
  { SPINLOCK_FREE, 0 }
#define portMUX_FREE_VAL SPINLOCK_FREE
#define portMUX_INITIALIZER_UNLOCKED SPINLOCK_INITIALIZER
#define portMUX_INITIALIZE(mux) spinlock_initialize(mux)

void spinlock_initialize(spinlock_t* lock);

/// Between these no other task and no interrupt runs. They nest. Nothing may block in between.
void vPortEnterCriticalMultiCore(portMUX_TYPE* mux);
void vPortExitCriticalMultiCore(portMUX_TYPE* mux);

#define portENTER_CRITICAL(mux) vPortEnterCriticalMultiCore(mux)
#define portEXIT_CRITICAL(mux) vPortExitCriticalMultiCore(mux)
#define portENTER_CRITICAL_ISR(mux) vPortEnterCriticalMultiCore(mux)
#define portEXIT_CRITICAL_ISR(mux) vPortExitCriticalMultiCore(mux)
#define portENTER_CRITICAL_SAFE(mux) vPortEnterCriticalMultiCore(mux)
#define portEXIT_CRITICAL_SAFE(mux) vPortExitCriticalMultiCore(mux)

/// Lets an equal task run.
void vPortYield(void);
#define portYIELD() vPortYield()

/// An interrupt handler's request to switch. The scheduler of the simulator looks for itself.
void vPortYieldFromISR(void);
#define portYIELD_FROM_ISR(...) vPortYieldFromISR()

/// True in a callback of the simulated hardware.
BaseType_t xPortInIsrContext(void);

#ifdef __cplusplus
}
#endif
