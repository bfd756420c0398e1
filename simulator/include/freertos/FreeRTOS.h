#pragma once

/// FreeRTOS 10.5.1 as ESP-IDF has it, on the simulator's scheduler. To be included before the other
/// headers of FreeRTOS, as on the chip.
///
/// Every call takes one microsecond of virtual time. Calls that would fail an assertion on the chip
/// end the process with a message (a null handle, blocking in a critical section or a callback).

#define INC_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#include "freertos/FreeRTOSConfig.h"
#include "freertos/portmacro.h"
#include "freertos/projdefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Memory for objects that the caller provides. The simulator keeps nothing in it but takes it as
/// the object's, so that the same code compiles for the chip.
typedef struct {
  void* pvDummy[46];
} StaticTask_t;
typedef struct {
  void* pvDummy[22];
} StaticQueue_t;
typedef StaticQueue_t StaticSemaphore_t;
typedef struct {
  void* pvDummy[10];
} StaticEventGroup_t;
typedef struct {
  void* pvDummy[10];
} StaticTimer_t;

#ifdef __cplusplus
}
#endif
