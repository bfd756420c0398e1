#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/timers.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/object_store.hpp"

struct tmrTimerControl final : public simulator::kernel::KernelObject {
  const char* name = nullptr;
  std::int64_t period_ticks = 0;
  bool auto_reload = false;
  void* id = nullptr;
  TimerCallbackFunction_t callback = nullptr;
  bool active = false;
  std::int64_t expiry_tick = 0;
  std::uint64_t order = 0;  ///< among timers that expire with the same tick
  simulator::kernel::HeapBlock memory;
};

namespace simulator::kernel {

/// FreeRTOS's timer service: a task that takes commands from a queue and calls the callbacks.
class SoftwareTimers {
 public:
  SoftwareTimers();
  ~SoftwareTimers();
  SoftwareTimers(const SoftwareTimers&) = delete;
  SoftwareTimers& operator=(const SoftwareTimers&) = delete;

  static SoftwareTimers& current();

  struct Command {
    BaseType_t id;
    TimerHandle_t timer;
    TickType_t value;
    PendedFunction_t function;
    void* argument1;
    std::uint32_t argument2;
  };

  /// False when the queue stayed full for so long.
  bool send(const Command& command, TickType_t ticks_to_wait);
  TaskHandle_t task();

 private:
  using Key = std::pair<std::int64_t, std::uint64_t>;  ///< tick and order

  void start_task();
  void run();
  void execute(const Command& command);
  void start(TimerHandle_t timer, std::int64_t from_tick);
  void activate(TimerHandle_t timer, std::int64_t expiry_tick);
  void deactivate(TimerHandle_t timer);
  /// Calls the first timer's callback.
  void expire_first();

  TaskHandle_t task_ = nullptr;
  QueueHandle_t commands_ = nullptr;
  std::map<Key, TimerHandle_t> active_;
  std::uint64_t last_order_ = 0;
};

}  // namespace simulator::kernel
