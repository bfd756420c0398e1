#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "esp_err.h"
#include "simulator/kernel/task.hpp"

namespace simulator::kernel {

/// ESP-IDF's task watchdog, set to panic: one timer that begins anew when every subscribed task has
/// reset it. A task that is deleted without being unsubscribed is missed, as on the chip.
class TaskWatchdog {
 public:
  explicit TaskWatchdog(std::int64_t timeout_us);
  ~TaskWatchdog();
  TaskWatchdog(const TaskWatchdog&) = delete;
  TaskWatchdog& operator=(const TaskWatchdog&) = delete;

  static TaskWatchdog& current();

  esp_err_t add(const Task& task);
  esp_err_t reset(const Task& task);
  esp_err_t remove(const Task& task);
  [[nodiscard]] bool watches(const Task& task) const;

 private:
  struct Entry {
    std::uint32_t task_number;
    std::string task_name;
    bool has_reset;
  };

  void feed_if_all_have_reset();
  void expire();
  std::vector<Entry>::iterator find(const Task& task);

  const std::int64_t timeout_us_;
  std::vector<Entry> entries_;
  std::uint64_t alarm_ = 0;
};

}  // namespace simulator::kernel
