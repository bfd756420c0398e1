#pragma once

#include "esp_err.h"

namespace fuota::app {

/// ESP-IDF's task watchdog, as far as one task is concerned.
class TaskWatchdog {
 public:
  /// From now on, the calling task has to call `feed` within CONFIG_ESP_TASK_WDT_TIMEOUT_S, else
  /// the chip panics (if CONFIG_ESP_TASK_WDT_PANIC is set). Without a task watchdog
  /// (CONFIG_ESP_TASK_WDT_INIT), logs a warning and does nothing.
  void watch();

  /// Nothing unless `watch` succeeded. From the task that called it.
  void feed() const;

 private:
  bool watches_ = false;
};

}  // namespace fuota::app
