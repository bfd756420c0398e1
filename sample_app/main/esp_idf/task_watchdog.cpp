#include "task_watchdog.hpp"

#include "esp_log.h"
#include "esp_task_wdt.h"

namespace fuota::app {
namespace {

constexpr char kTag[] = "APP";

}  // namespace

void TaskWatchdog::watch() {
  const esp_err_t error = esp_task_wdt_add(nullptr);
  watches_ = error == ESP_OK;
  if (!watches_) ESP_LOGW(kTag, "No task watchdog: %s", esp_err_to_name(error));
}

void TaskWatchdog::feed() const {
  if (watches_) (void)esp_task_wdt_reset();
}

}  // namespace fuota::app
