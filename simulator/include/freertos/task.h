#pragma once

#ifndef INC_FREERTOS_H
#error "freertos/FreeRTOS.h must be included before freertos/task.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct tskTaskControlBlock;
typedef struct tskTaskControlBlock* TaskHandle_t;

typedef enum { eRunning = 0, eReady, eBlocked, eSuspended, eDeleted, eInvalid } eTaskState;

typedef enum {
  eNoAction = 0,
  eSetBits,
  eIncrement,
  eSetValueWithOverwrite,
  eSetValueWithoutOverwrite
} eNotifyAction;

#define tskIDLE_PRIORITY ((UBaseType_t)0U)
#define tskNO_AFFINITY ((BaseType_t)0x7FFFFFFF)
#define tskDEFAULT_INDEX_TO_NOTIFY (0)

#define taskSCHEDULER_SUSPENDED ((BaseType_t)0)
#define taskSCHEDULER_NOT_STARTED ((BaseType_t)1)
#define taskSCHEDULER_RUNNING ((BaseType_t)2)

#define taskYIELD() portYIELD()
#define taskENTER_CRITICAL(x) portENTER_CRITICAL(x)
#define taskEXIT_CRITICAL(x) portEXIT_CRITICAL(x)
#define taskENTER_CRITICAL_ISR(x) portENTER_CRITICAL_ISR(x)
#define taskEXIT_CRITICAL_ISR(x) portEXIT_CRITICAL_ISR(x)

/// Creates a task that is ready at once. The stack is in bytes; the name is copied. A task must not
/// return from its function: the chip panics then. `pxCreatedTask` may be null.
/// errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY when the heap is used up. The core does not matter.
BaseType_t xTaskCreatePinnedToCore(TaskFunction_t pxTaskCode, const char* const pcName,
                                   const configSTACK_DEPTH_TYPE usStackDepth,
                                   void* const pvParameters, UBaseType_t uxPriority,
                                   TaskHandle_t* const pvCreatedTask, const BaseType_t xCoreID);

static inline BaseType_t xTaskCreate(TaskFunction_t pxTaskCode, const char* const pcName,
                                     const configSTACK_DEPTH_TYPE usStackDepth,
                                     void* const pvParameters, UBaseType_t uxPriority,
                                     TaskHandle_t* const pxCreatedTask) {
  return xTaskCreatePinnedToCore(pxTaskCode, pcName, usStackDepth, pvParameters, uxPriority,
                                 pxCreatedTask, tskNO_AFFINITY);
}

/// The same with the caller's memory, which must stay for the life of the task. Null when one of
/// the buffers is.
TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t pxTaskCode, const char* const pcName,
                                           const uint32_t ulStackDepth, void* const pvParameters,
                                           UBaseType_t uxPriority, StackType_t* const pxStackBuffer,
                                           StaticTask_t* const pxTaskBuffer,
                                           const BaseType_t xCoreID);

static inline TaskHandle_t xTaskCreateStatic(TaskFunction_t pxTaskCode, const char* const pcName,
                                             const uint32_t ulStackDepth, void* const pvParameters,
                                             UBaseType_t uxPriority,
                                             StackType_t* const puxStackBuffer,
                                             StaticTask_t* const pxTaskBuffer) {
  return xTaskCreateStaticPinnedToCore(pxTaskCode, pcName, ulStackDepth, pvParameters, uxPriority,
                                       puxStackBuffer, pxTaskBuffer, tskNO_AFFINITY);
}

/// Null means the calling task, here and below. Nothing is unwound, no object of the task is freed.
void vTaskDelete(TaskHandle_t xTaskToDelete);

/// Blocks until the tick count has grown by so many ticks: between xTicksToDelay - 1 and
/// xTicksToDelay tick periods. 0 only lets others run.
void vTaskDelay(const TickType_t xTicksToDelay);
/// Blocks until *pxPreviousWakeTime + xTimeIncrement, and stores that time there. pdFALSE when it
/// had passed already.
BaseType_t xTaskDelayUntil(TickType_t* const pxPreviousWakeTime, const TickType_t xTimeIncrement);
#define vTaskDelayUntil(pxPreviousWakeTime, xTimeIncrement)        \
  do {                                                             \
    (void)xTaskDelayUntil((pxPreviousWakeTime), (xTimeIncrement)); \
  } while (0)

UBaseType_t uxTaskPriorityGet(const TaskHandle_t xTask);
/// A priority that the task inherited through a mutex stays as long as it is the higher one.
void vTaskPrioritySet(TaskHandle_t xTask, UBaseType_t uxNewPriority);
eTaskState eTaskGetState(TaskHandle_t xTask);
void vTaskSuspend(TaskHandle_t xTaskToSuspend);
void vTaskResume(TaskHandle_t xTaskToResume);

/// Between these no other task runs, but interrupts do. They nest. Nothing may block in between.
void vTaskSuspendAll(void);
/// pdFALSE: it is not known whether a switch has happened already.
BaseType_t xTaskResumeAll(void);
BaseType_t xTaskGetSchedulerState(void);

/// Ticks since power-on.
TickType_t xTaskGetTickCount(void);
TickType_t xTaskGetTickCountFromISR(void);
UBaseType_t uxTaskGetNumberOfTasks(void);
/// Null outside of a task.
TaskHandle_t xTaskGetCurrentTaskHandle(void);
/// Null when no task has this name.
TaskHandle_t xTaskGetHandle(const char* pcNameToQuery);
char* pcTaskGetName(TaskHandle_t xTaskToQuery);
/// Bytes of the stack that were never used. A lower bound: frames of the host are larger than the
/// chip's, and 0 is returned when they took more than the task asked for.
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t xTask);

BaseType_t xTaskGenericNotify(TaskHandle_t xTaskToNotify, UBaseType_t uxIndexToNotify,
                              uint32_t ulValue, eNotifyAction eAction,
                              uint32_t* pulPreviousNotificationValue);
#define xTaskNotify(xTaskToNotify, ulValue, eAction) \
  xTaskGenericNotify((xTaskToNotify), (tskDEFAULT_INDEX_TO_NOTIFY), (ulValue), (eAction), NULL)
#define xTaskNotifyAndQuery(xTaskToNotify, ulValue, eAction, pulPreviousNotifyValue)      \
  xTaskGenericNotify((xTaskToNotify), (tskDEFAULT_INDEX_TO_NOTIFY), (ulValue), (eAction), \
                     (pulPreviousNotifyValue))
#define xTaskNotifyGive(xTaskToNotify) \
  xTaskGenericNotify((xTaskToNotify), (tskDEFAULT_INDEX_TO_NOTIFY), (0), eIncrement, NULL)

BaseType_t xTaskGenericNotifyFromISR(TaskHandle_t xTaskToNotify, UBaseType_t uxIndexToNotify,
                                     uint32_t ulValue, eNotifyAction eAction,
                                     uint32_t* pulPreviousNotificationValue,
                                     BaseType_t* pxHigherPriorityTaskWoken);
#define xTaskNotifyFromISR(xTaskToNotify, ulValue, eAction, pxHigherPriorityTaskWoken)           \
  xTaskGenericNotifyFromISR((xTaskToNotify), (tskDEFAULT_INDEX_TO_NOTIFY), (ulValue), (eAction), \
                            NULL, (pxHigherPriorityTaskWoken))

void vTaskGenericNotifyGiveFromISR(TaskHandle_t xTaskToNotify, UBaseType_t uxIndexToNotify,
                                   BaseType_t* pxHigherPriorityTaskWoken);
#define vTaskNotifyGiveFromISR(xTaskToNotify, pxHigherPriorityTaskWoken)       \
  vTaskGenericNotifyGiveFromISR((xTaskToNotify), (tskDEFAULT_INDEX_TO_NOTIFY), \
                                (pxHigherPriorityTaskWoken))

BaseType_t xTaskGenericNotifyWait(UBaseType_t uxIndexToWaitOn, uint32_t ulBitsToClearOnEntry,
                                  uint32_t ulBitsToClearOnExit, uint32_t* pulNotificationValue,
                                  TickType_t xTicksToWait);
#define xTaskNotifyWait(ulBitsToClearOnEntry, ulBitsToClearOnExit, pulNotificationValue, \
                        xTicksToWait)                                                    \
  xTaskGenericNotifyWait(tskDEFAULT_INDEX_TO_NOTIFY, (ulBitsToClearOnEntry),             \
                         (ulBitsToClearOnExit), (pulNotificationValue), (xTicksToWait))

uint32_t ulTaskGenericNotifyTake(UBaseType_t uxIndexToWaitOn, BaseType_t xClearCountOnExit,
                                 TickType_t xTicksToWait);
#define ulTaskNotifyTake(xClearCountOnExit, xTicksToWait) \
  ulTaskGenericNotifyTake((tskDEFAULT_INDEX_TO_NOTIFY), (xClearCountOnExit), (xTicksToWait))

BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t xTask, UBaseType_t uxIndexToClear);
#define xTaskNotifyStateClear(xTask) \
  xTaskGenericNotifyStateClear((xTask), (tskDEFAULT_INDEX_TO_NOTIFY))

uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t xTask, UBaseType_t uxIndexToClear,
                                       uint32_t ulBitsToClear);
#define ulTaskNotifyValueClear(xTask, ulBitsToClear) \
  ulTaskGenericNotifyValueClear((xTask), (tskDEFAULT_INDEX_TO_NOTIFY), (ulBitsToClear))

#ifdef __cplusplus
}
#endif
