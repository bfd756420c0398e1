#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/object_store.hpp"

struct esp_timer final : public simulator::kernel::KernelObject {
  esp_timer_cb_t callback = nullptr;
  void* argument = nullptr;
  bool skip_unhandled_events = false;
  std::int64_t period_us = 0;  ///< 0: once
  bool armed = false;
  std::int64_t alarm_us = 0;
  std::uint64_t order = 0;  ///< among timers of one time
  simulator::kernel::HeapBlock memory;
};

namespace simulator::kernel {

/// ESP-IDF's high-resolution timers: the hardware alarm wakes a task, which calls what is due.
class EspTimers {
 public:
  EspTimers();
  ~EspTimers();
  EspTimers(const EspTimers&) = delete;
  EspTimers& operator=(const EspTimers&) = delete;

  static EspTimers& current();

  /// Null when the heap is used up.
  esp_timer_handle_t create(const esp_timer_create_args_t& args);
  void arm(esp_timer& timer, std::int64_t alarm_us, std::int64_t period_us);
  void disarm(esp_timer& timer);
  /// `kNever` when no timer is armed.
  [[nodiscard]] std::int64_t next_alarm_us() const;

 private:
  using Key = std::pair<std::int64_t, std::uint64_t>;  ///< time and order

  bool start_task();
  void run();
  void call_first();
  void set_hardware_alarm();

  TaskHandle_t task_ = nullptr;
  std::map<Key, esp_timer*> armed_;
  std::uint64_t last_order_ = 0;
  std::uint64_t hardware_alarm_ = 0;
};

}  // namespace simulator::kernel
