#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "esp_event.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/wait_list.hpp"

namespace simulator::kernel {

/// One event loop of esp_event.h. Its mutex is held while an event is dispatched, so that another
/// task that registers or unregisters meanwhile waits for the end of the handlers.
class EventLoop final : public KernelObject {
 public:
  EventLoop(std::size_t capacity, SemaphoreHandle_t mutex, HeapBlock memory);

  /// The loop's task, null if it has none.
  void set_task(TaskHandle_t task) { task_ = task; }

  struct Registration {
    esp_event_base_t base;
    std::int32_t id;
    esp_event_handler_t handler;
    void* argument;
  };

  /// An `own` registration is told by its instance, any other by its handler, of which there is one
  /// per base and id.
  esp_err_t add_handler(const Registration& registration, bool own,
                        esp_event_handler_instance_t* instance);
  esp_err_t remove_instance(esp_event_base_t base, std::int32_t id,
                            esp_event_handler_instance_t instance);
  esp_err_t remove_handler(esp_event_base_t base, std::int32_t id, esp_event_handler_t handler);

  esp_err_t post(esp_event_base_t base, std::int32_t id, const void* data, std::size_t data_bytes,
                 TickType_t ticks_to_wait);
  /// Dispatches events for so many ticks.
  void run(TickType_t ticks_to_run);

  /// Ends the loop's task and frees the mutex; the object is to be destroyed then.
  void shut_down();

 private:
  struct Handler {
    Registration registration;
    HeapBlock memory;
    bool removed = false;  ///< while an event is dispatched: erased afterwards
  };
  struct Post {
    esp_event_base_t base = nullptr;
    std::int32_t id = 0;
    std::vector<std::byte> data;
    HeapBlock memory;
  };
  using Handlers = std::vector<std::unique_ptr<Handler>>;

  void dispatch();
  template <typename Matches>
  esp_err_t remove_first(Matches matches);
  [[nodiscard]] bool own_task_runs() const;

  const std::size_t capacity_;
  SemaphoreHandle_t mutex_;
  HeapBlock memory_;
  TaskHandle_t task_ = nullptr;
  TaskHandle_t dispatching_task_ = nullptr;
  std::deque<Post> posts_;
  Post current_;  ///< being dispatched; not on a stack, which a power cut does not unwind
  WaitList posters_;
  WaitList readers_;
  Handlers handlers_;  ///< in the order of their registration
};

/// Knows the default loop.
class EventLoops {
 public:
  EventLoops();
  ~EventLoops();
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  static EventLoops& current();

  EventLoop* default_loop = nullptr;
};

}  // namespace simulator::kernel
