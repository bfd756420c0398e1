#include "esp_event.h"

#include "simulator/kernel/event_loop.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

using simulator::kernel::EventLoop;
using simulator::kernel::EventLoops;
using simulator::kernel::HeapBlock;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;

namespace {

/// What ESP-IDF allocates for a loop and for a place in its queue.
constexpr std::size_t kLoopBytes = 32;
constexpr std::size_t kPostBytes = 16;

EventLoop& checked(esp_event_loop_handle_t loop, const char* function) {
  if (loop == nullptr) misuse(function, "the loop is null");
  return *static_cast<EventLoop*>(loop);
}

esp_event_loop_handle_t default_loop() {
  return EventLoops::current().default_loop;
}

/// ESP-IDF has no handlers of any base for one id.
bool is_any_base_with_id(esp_event_base_t base, int32_t id) {
  return base == ESP_EVENT_ANY_BASE && id != ESP_EVENT_ANY_ID;
}

esp_err_t add(esp_event_loop_handle_t loop, const EventLoop::Registration& registration, bool own,
              esp_event_handler_instance_t* instance, const char* function) {
  if (registration.handler == nullptr) misuse(function, "the handler is null");
  if (is_any_base_with_id(registration.base, registration.id)) return ESP_ERR_INVALID_ARG;
  return checked(loop, function).add_handler(registration, own, instance);
}

void run_for_ever(void* loop) {
  while (true) static_cast<EventLoop*>(loop)->run(portMAX_DELAY);
}

}  // namespace

extern "C" {

esp_err_t esp_event_loop_create(const esp_event_loop_args_t* args, esp_event_loop_handle_t* loop) {
  if (args == nullptr || loop == nullptr) return ESP_ERR_INVALID_ARG;
  if (args->queue_size <= 0) misuse(__func__, "the queue has no room");
  Scheduler& scheduler = Scheduler::current();
  const auto capacity = static_cast<std::size_t>(args->queue_size);
  SemaphoreHandle_t mutex = xSemaphoreCreateRecursiveMutex();
  if (mutex == nullptr) return ESP_ERR_NO_MEM;
  HeapBlock memory(scheduler.heap(), kLoopBytes + capacity * kPostBytes);
  if (!memory.ok()) {
    vSemaphoreDelete(mutex);
    return ESP_ERR_NO_MEM;
  }
  auto* created = scheduler.objects().create<EventLoop>(capacity, mutex, std::move(memory));
  if (args->task_name != nullptr) {
    TaskHandle_t task = nullptr;
    if (xTaskCreatePinnedToCore(run_for_ever, args->task_name, args->task_stack_size, created,
                                args->task_priority, &task, args->task_core_id) != pdPASS) {
      esp_event_loop_delete(created);
      return ESP_FAIL;
    }
    created->set_task(task);
  }
  *loop = created;
  return ESP_OK;
}

esp_err_t esp_event_loop_delete(esp_event_loop_handle_t loop) {
  EventLoop& deleted = checked(loop, __func__);
  deleted.shut_down();
  if (!Scheduler::current().objects().destroy(&deleted)) misuse(__func__, "the loop is not alive");
  return ESP_OK;
}

esp_err_t esp_event_loop_create_default(void) {
  EventLoops& loops = EventLoops::current();
  if (loops.default_loop != nullptr) return ESP_ERR_INVALID_STATE;
  const esp_event_loop_args_t args = {32, "sys_evt", 20, 2304, 0};
  esp_event_loop_handle_t loop = nullptr;
  const esp_err_t error = esp_event_loop_create(&args, &loop);
  if (error == ESP_OK) loops.default_loop = static_cast<EventLoop*>(loop);
  return error;
}

esp_err_t esp_event_loop_delete_default(void) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  const esp_err_t error = esp_event_loop_delete(default_loop());
  EventLoops::current().default_loop = nullptr;
  return error;
}

esp_err_t esp_event_loop_run(esp_event_loop_handle_t loop, TickType_t ticks_to_run) {
  checked(loop, __func__).run(ticks_to_run);
  return ESP_OK;
}

esp_err_t esp_event_handler_register_with(esp_event_loop_handle_t loop, esp_event_base_t base,
                                          int32_t id, esp_event_handler_t handler, void* argument) {
  return add(loop, {base, id, handler, argument}, false, nullptr, __func__);
}

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t handler,
                                     void* argument) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  return esp_event_handler_register_with(default_loop(), base, id, handler, argument);
}

esp_err_t esp_event_handler_instance_register_with(esp_event_loop_handle_t loop,
                                                   esp_event_base_t base, int32_t id,
                                                   esp_event_handler_t handler, void* argument,
                                                   esp_event_handler_instance_t* instance) {
  return add(loop, {base, id, handler, argument}, true, instance, __func__);
}

esp_err_t esp_event_handler_instance_register(esp_event_base_t base, int32_t id,
                                              esp_event_handler_t handler, void* argument,
                                              esp_event_handler_instance_t* instance) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  return esp_event_handler_instance_register_with(default_loop(), base, id, handler, argument,
                                                  instance);
}

esp_err_t esp_event_handler_unregister_with(esp_event_loop_handle_t loop, esp_event_base_t base,
                                            int32_t id, esp_event_handler_t handler) {
  if (is_any_base_with_id(base, id)) return ESP_ERR_INVALID_ARG;
  return checked(loop, __func__).remove_handler(base, id, handler);
}

esp_err_t esp_event_handler_unregister(esp_event_base_t base, int32_t id,
                                       esp_event_handler_t handler) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  return esp_event_handler_unregister_with(default_loop(), base, id, handler);
}

esp_err_t esp_event_handler_instance_unregister_with(esp_event_loop_handle_t loop,
                                                     esp_event_base_t base, int32_t id,
                                                     esp_event_handler_instance_t instance) {
  if (instance == nullptr || is_any_base_with_id(base, id)) return ESP_ERR_INVALID_ARG;
  return checked(loop, __func__).remove_instance(base, id, instance);
}

esp_err_t esp_event_handler_instance_unregister(esp_event_base_t base, int32_t id,
                                                esp_event_handler_instance_t instance) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  return esp_event_handler_instance_unregister_with(default_loop(), base, id, instance);
}

esp_err_t esp_event_post_to(esp_event_loop_handle_t loop, esp_event_base_t base, int32_t id,
                            const void* data, size_t data_bytes, TickType_t ticks_to_wait) {
  EventLoop& posted_to = checked(loop, __func__);
  if (base == ESP_EVENT_ANY_BASE || id == ESP_EVENT_ANY_ID) return ESP_ERR_INVALID_ARG;
  return posted_to.post(base, id, data, data_bytes, ticks_to_wait);
}

esp_err_t esp_event_post(esp_event_base_t base, int32_t id, const void* data, size_t data_bytes,
                         TickType_t ticks_to_wait) {
  if (default_loop() == nullptr) return ESP_ERR_INVALID_STATE;
  return esp_event_post_to(default_loop(), base, id, data, data_bytes, ticks_to_wait);
}

}  // extern "C"
