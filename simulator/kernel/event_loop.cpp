#include "simulator/kernel/event_loop.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/ticks.hpp"

namespace simulator::kernel {

namespace {

EventLoops* current_loops = nullptr;

/// What ESP-IDF allocates for a handler: its node, its context and the nodes of its event.
constexpr std::size_t kHandlerBytes = 48;

bool matches(const EventLoop::Registration& registration, esp_event_base_t base, std::int32_t id) {
  if (registration.base != ESP_EVENT_ANY_BASE && registration.base != base) return false;
  return registration.id == ESP_EVENT_ANY_ID || registration.id == id;
}

/// Holds the mutex of a loop for a block of code in which the chip may stop: then it is not given,
/// which does no harm, since it is dropped with the session.
class Lock {
 public:
  explicit Lock(SemaphoreHandle_t mutex) : mutex_(mutex) {
    xSemaphoreTakeRecursive(mutex_, portMAX_DELAY);
  }
  ~Lock() { xSemaphoreGiveRecursive(mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  SemaphoreHandle_t mutex_;
};

}  // namespace

EventLoop::EventLoop(std::size_t capacity, SemaphoreHandle_t mutex, HeapBlock memory)
    : capacity_(capacity), mutex_(mutex), memory_(std::move(memory)) {}

esp_err_t EventLoop::add_handler(const Registration& registration, bool own,
                                 esp_event_handler_instance_t* instance) {
  const Lock lock(mutex_);
  if (!own) {
    const auto same = std::find_if(handlers_.begin(), handlers_.end(), [&](const auto& handler) {
      const Registration& other = handler->registration;
      return !handler->removed && other.base == registration.base && other.id == registration.id &&
             other.handler == registration.handler;
    });
    if (same != handlers_.end()) {
      (*same)->registration.argument = registration.argument;
      return ESP_OK;
    }
  }
  HeapBlock memory(Scheduler::current().heap(), kHandlerBytes);
  if (!memory.ok()) return ESP_ERR_NO_MEM;
  handlers_.push_back(std::make_unique<Handler>(Handler{registration, std::move(memory)}));
  if (instance != nullptr) *instance = handlers_.back().get();
  return ESP_OK;
}

template <typename Matches>
esp_err_t EventLoop::remove_first(Matches matches_it) {
  const Lock lock(mutex_);
  const auto found = std::find_if(handlers_.begin(), handlers_.end(), [&](const auto& handler) {
    return !handler->removed && matches_it(*handler);
  });
  if (found == handlers_.end()) return ESP_ERR_NOT_FOUND;
  if (dispatching_task_ != nullptr) {
    (*found)->removed = true;
  } else {
    handlers_.erase(found);
  }
  return ESP_OK;
}

esp_err_t EventLoop::remove_instance(esp_event_base_t base, std::int32_t id,
                                     esp_event_handler_instance_t instance) {
  return remove_first([=](const Handler& handler) {
    return &handler == instance && handler.registration.base == base &&
           handler.registration.id == id;
  });
}

esp_err_t EventLoop::remove_handler(esp_event_base_t base, std::int32_t id,
                                    esp_event_handler_t function) {
  return remove_first([=](const Handler& handler) {
    return handler.registration.handler == function && handler.registration.base == base &&
           handler.registration.id == id;
  });
}

bool EventLoop::own_task_runs() const {
  TaskHandle_t running = xTaskGetCurrentTaskHandle();
  return running != nullptr && (running == task_ || running == dispatching_task_);
}

esp_err_t EventLoop::post(esp_event_base_t base, std::int32_t id, const void* data,
                          std::size_t data_bytes, TickType_t ticks_to_wait) {
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  // The loop's own task would wait for itself.
  if (own_task_runs()) ticks_to_wait = 0;
  const std::int64_t until_us = end_of_wait_us(ticks_to_wait);
  while (posts_.size() == capacity_) {
    if (ticks_to_wait == 0) return ESP_ERR_TIMEOUT;
    if (!scheduler.wait(posters_, until_us, "esp_event_post") && posts_.size() == capacity_) {
      return ESP_ERR_TIMEOUT;
    }
  }
  if (data == nullptr) data_bytes = 0;
  {
    Post post{base, id, {}, {scheduler.heap(), data_bytes}};
    if (!post.memory.ok()) return ESP_ERR_NO_MEM;
    const auto* bytes = static_cast<const std::byte*>(data);
    if (data_bytes != 0) post.data.assign(bytes, bytes + data_bytes);
    posts_.push_back(std::move(post));
  }
  scheduler.wake_first(readers_);
  scheduler.preempt();
  return ESP_OK;
}

void EventLoop::run(TickType_t ticks_to_run) {
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  const std::int64_t until_us = end_of_wait_us(ticks_to_run);
  while (true) {
    while (posts_.empty()) {
      if (!scheduler.wait(readers_, until_us, "esp_event_loop_run") && posts_.empty()) return;
    }
    dispatch();
    if (scheduler.now_us() >= until_us) return;
  }
}

void EventLoop::dispatch() {
  Scheduler& scheduler = Scheduler::current();
  xSemaphoreTakeRecursive(mutex_, portMAX_DELAY);
  if (posts_.empty()) {  // another task that runs the same loop was faster
    xSemaphoreGiveRecursive(mutex_);
    return;
  }
  current_ = std::move(posts_.front());
  posts_.pop_front();
  scheduler.wake_first(posters_);
  dispatching_task_ = xTaskGetCurrentTaskHandle();
  bool more = !handlers_.empty();
  for (std::size_t i = 0; more; ++i) {
    // As ESP-IDF: what the last handler registers does not get this event any more.
    more = i + 1 < handlers_.size();
    Handler& handler = *handlers_[i];
    if (handler.removed || !matches(handler.registration, current_.base, current_.id)) continue;
    handler.registration.handler(handler.registration.argument, current_.base, current_.id,
                                 current_.data.empty() ? nullptr : current_.data.data());
  }
  dispatching_task_ = nullptr;
  std::erase_if(handlers_, [](const auto& handler) { return handler->removed; });
  current_ = {};
  xSemaphoreGiveRecursive(mutex_);
}

void EventLoop::shut_down() {
  if (own_task_runs()) misuse("esp_event_loop_delete", "called in a handler of the loop");
  xSemaphoreTakeRecursive(mutex_, portMAX_DELAY);
  if (task_ != nullptr) vTaskDelete(std::exchange(task_, nullptr));
  xSemaphoreGiveRecursive(mutex_);
  vSemaphoreDelete(std::exchange(mutex_, nullptr));
}

EventLoops::EventLoops() {
  if (current_loops != nullptr) misuse("EventLoops", "another session is alive");
  current_loops = this;
}

EventLoops::~EventLoops() {
  current_loops = nullptr;
}

EventLoops& EventLoops::current() {
  if (current_loops == nullptr) misuse("EventLoops::current", "no session is alive");
  return *current_loops;
}

}  // namespace simulator::kernel
