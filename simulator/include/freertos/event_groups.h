#pragma once

#ifndef INC_FREERTOS_H
#error "freertos/FreeRTOS.h must be included before freertos/event_groups.h"
#endif

#include "freertos/timers.h"

#ifdef __cplusplus
extern "C" {
#endif

struct EventGroupDef_t;
typedef struct EventGroupDef_t* EventGroupHandle_t;
typedef TickType_t EventBits_t;  ///< the upper 8 bits are the kernel's

/// Null when the heap is used up.
EventGroupHandle_t xEventGroupCreate(void);
EventGroupHandle_t xEventGroupCreateStatic(StaticEventGroup_t* pxEventGroupBuffer);
/// Wakes who waits on it; their calls return 0.
void vEventGroupDelete(EventGroupHandle_t xEventGroup);

/// Blocks until one or all of the bits are set, for at most xTicksToWait. Returns the bits at that
/// time, before they are cleared on exit; they are not cleared after a timeout.
EventBits_t xEventGroupWaitBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToWaitFor,
                                const BaseType_t xClearOnExit, const BaseType_t xWaitForAllBits,
                                TickType_t xTicksToWait);
/// Returns the bits before they are cleared.
EventBits_t xEventGroupClearBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToClear);
#define xEventGroupGetBits(xEventGroup) xEventGroupClearBits((xEventGroup), 0)
/// Returns the bits at the time of the return, when woken tasks may have cleared them.
EventBits_t xEventGroupSetBits(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToSet);
/// Sets bits and waits for all of the others', which are cleared then: a rendezvous.
EventBits_t xEventGroupSync(EventGroupHandle_t xEventGroup, const EventBits_t uxBitsToSet,
                            const EventBits_t uxBitsToWaitFor, TickType_t xTicksToWait);

#ifdef __cplusplus
}
#endif
