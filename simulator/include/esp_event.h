#pragma once

/// ESP-IDF's event loops. An event is copied into the loop's queue; the loop's task takes them out
/// in order and calls every matching handler, in the order of their registration. Handlers may be
/// registered and unregistered from a handler; another task that does so waits until all handlers
/// of the event that is being dispatched have returned.

#include "esp_err.h"
#include "esp_event_base.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t queue_size;
  const char* task_name;  ///< null: no task; the application calls esp_event_loop_run
  UBaseType_t task_priority;
  uint32_t task_stack_size;
  BaseType_t task_core_id;
} esp_event_loop_args_t;

esp_err_t esp_event_loop_create(const esp_event_loop_args_t* event_loop_args,
                                esp_event_loop_handle_t* event_loop);
/// Not from one of its handlers.
esp_err_t esp_event_loop_delete(esp_event_loop_handle_t event_loop);
/// The loop of the system's events: a queue of 32, task "sys_evt" of priority 20 with 2304 bytes of
/// stack. ESP_ERR_INVALID_STATE: it exists already.
esp_err_t esp_event_loop_create_default(void);
/// ESP_ERR_INVALID_STATE: it does not exist.
esp_err_t esp_event_loop_delete_default(void);
/// Dispatches the events of a loop without a task, for so many ticks.
esp_err_t esp_event_loop_run(esp_event_loop_handle_t event_loop, TickType_t ticks_to_run);

/// ESP_ERR_INVALID_ARG: any base with a certain id. ESP_ERR_INVALID_STATE: the default
/// loop does not exist. ESP_ERR_NO_MEM: the heap is used up. The same handler registered again for
/// the same events only gets the new argument.
esp_err_t esp_event_handler_register(esp_event_base_t event_base, int32_t event_id,
                                     esp_event_handler_t event_handler, void* event_handler_arg);
esp_err_t esp_event_handler_register_with(esp_event_loop_handle_t event_loop,
                                          esp_event_base_t event_base, int32_t event_id,
                                          esp_event_handler_t event_handler,
                                          void* event_handler_arg);
/// Each registration is one of its own. `instance` may be null.
esp_err_t esp_event_handler_instance_register(esp_event_base_t event_base, int32_t event_id,
                                              esp_event_handler_t event_handler,
                                              void* event_handler_arg,
                                              esp_event_handler_instance_t* instance);
esp_err_t esp_event_handler_instance_register_with(esp_event_loop_handle_t event_loop,
                                                   esp_event_base_t event_base, int32_t event_id,
                                                   esp_event_handler_t event_handler,
                                                   void* event_handler_arg,
                                                   esp_event_handler_instance_t* instance);
/// ESP_ERR_NOT_FOUND: not registered so (ESP_OK in v4.4). ESP_ERR_INVALID_STATE: the default loop
/// does not exist. Afterwards the handler is not called any more, also for events that are queued.
esp_err_t esp_event_handler_unregister(esp_event_base_t event_base, int32_t event_id,
                                       esp_event_handler_t event_handler);
esp_err_t esp_event_handler_unregister_with(esp_event_loop_handle_t event_loop,
                                            esp_event_base_t event_base, int32_t event_id,
                                            esp_event_handler_t event_handler);
esp_err_t esp_event_handler_instance_unregister(esp_event_base_t event_base, int32_t event_id,
                                                esp_event_handler_instance_t instance);
esp_err_t esp_event_handler_instance_unregister_with(esp_event_loop_handle_t event_loop,
                                                     esp_event_base_t event_base, int32_t event_id,
                                                     esp_event_handler_instance_t instance);

/// Copies the data (v4.4 declares it without const) and queues the event. Blocks while the queue is
/// full, for at most ticks_to_wait: ESP_ERR_TIMEOUT then; from the loop's own task at once.
/// ESP_ERR_NO_MEM: the heap is used up. ESP_ERR_INVALID_ARG: any base or any id.
/// ESP_ERR_INVALID_STATE: the default loop does not exist.
esp_err_t esp_event_post(esp_event_base_t event_base, int32_t event_id, const void* event_data,
                         size_t event_data_size, TickType_t ticks_to_wait);
esp_err_t esp_event_post_to(esp_event_loop_handle_t event_loop, esp_event_base_t event_base,
                            int32_t event_id, const void* event_data, size_t event_data_size,
                            TickType_t ticks_to_wait);

#ifdef __cplusplus
}
#endif
