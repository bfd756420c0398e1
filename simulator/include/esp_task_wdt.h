#pragma once

#include <stdbool.h>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The task watchdog runs from power-on. When the subscribed tasks have not all reset it within its
/// timeout (5 s by default), the chip panics. A null handle means the calling task.
/// The functions that set it up differ between versions and are left out.

/// ESP_ERR_INVALID_ARG: subscribed already.
esp_err_t esp_task_wdt_add(TaskHandle_t task_handle);
/// ESP_ERR_NOT_FOUND: the calling task is not subscribed.
esp_err_t esp_task_wdt_reset(void);
/// ESP_ERR_NOT_FOUND: the task is not subscribed.
esp_err_t esp_task_wdt_delete(TaskHandle_t task_handle);
/// ESP_OK: the task is subscribed. ESP_ERR_NOT_FOUND: it is not.
esp_err_t esp_task_wdt_status(TaskHandle_t task_handle);

#ifdef __cplusplus
}
#endif
