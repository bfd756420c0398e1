#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_attr.h"
#include "esp_bit_defs.h"
#include "esp_err.h"
#include "esp_idf_version.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Those that every version has; later versions append others.
typedef enum {
  ESP_RST_UNKNOWN,
  ESP_RST_POWERON,
  ESP_RST_EXT,
  ESP_RST_SW,
  ESP_RST_PANIC,
  ESP_RST_INT_WDT,
  ESP_RST_TASK_WDT,
  ESP_RST_WDT,
  ESP_RST_DEEPSLEEP,
  ESP_RST_BROWNOUT,
  ESP_RST_SDIO,
} esp_reset_reason_t;

typedef void (*shutdown_handler_t)(void);

/// Handlers run in `esp_restart`, the last registered first; there is room for 5.
/// ESP_ERR_INVALID_STATE: registered already. ESP_ERR_NO_MEM: no room.
esp_err_t esp_register_shutdown_handler(shutdown_handler_t handle);
/// ESP_ERR_INVALID_STATE: not registered.
esp_err_t esp_unregister_shutdown_handler(shutdown_handler_t handle);

/// Ends the session: nothing of it runs any more. From a task only.
void esp_restart(void) __attribute__((__noreturn__));
/// Why this session began.
esp_reset_reason_t esp_reset_reason(void);

/// Bytes, by the model of esp_heap_caps.h.
uint32_t esp_get_free_heap_size(void);
uint32_t esp_get_minimum_free_heap_size(void);

#ifdef __cplusplus
}
#endif
