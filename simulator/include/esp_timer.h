#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esp_timer* esp_timer_handle_t;
typedef void (*esp_timer_cb_t)(void* arg);

typedef enum {
  ESP_TIMER_TASK,
} esp_timer_dispatch_t;

typedef struct {
  esp_timer_cb_t callback;
  void* arg;
  esp_timer_dispatch_t dispatch_method;
  const char* name;
  bool skip_unhandled_events;  ///< a periodic timer that is late leaves out what it missed
} esp_timer_create_args_t;

/// Callbacks run in the task "esp_timer" (priority 22), one after the other. ESP_ERR_INVALID_ARG: a
/// null pointer or no such dispatch method. ESP_ERR_NO_MEM: the heap is used up.
esp_err_t esp_timer_create(const esp_timer_create_args_t* create_args,
                           esp_timer_handle_t* out_handle);
/// ESP_ERR_INVALID_STATE: it runs already.
esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us);
/// Periods shorter than 50 us count as 50 us.
esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period);
/// ESP_ERR_INVALID_STATE: it does not run.
esp_err_t esp_timer_stop(esp_timer_handle_t timer);
/// ESP_ERR_INVALID_STATE: it runs. Allowed in the timer's own callback.
esp_err_t esp_timer_delete(esp_timer_handle_t timer);
bool esp_timer_is_active(esp_timer_handle_t timer);

/// Microseconds since power-on.
int64_t esp_timer_get_time(void);
/// When the next callback is due; INT64_MAX when none is.
int64_t esp_timer_get_next_alarm(void);

#ifdef __cplusplus
}
#endif
