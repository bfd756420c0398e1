#include "simulator/kernel/task_watchdog.hpp"

#include <algorithm>
#include <utility>

#include "esp_log.h"
#include "esp_task_wdt.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/panic.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task_handle.hpp"

namespace simulator::kernel {

namespace {

TaskWatchdog* current_watchdog = nullptr;

constexpr char kTag[] = "task_wdt";

}  // namespace

TaskWatchdog::TaskWatchdog(std::int64_t timeout_us) : timeout_us_(timeout_us) {
  if (current_watchdog != nullptr) misuse("TaskWatchdog", "another session is alive");
  current_watchdog = this;
}

TaskWatchdog::~TaskWatchdog() {
  current_watchdog = nullptr;
}

TaskWatchdog& TaskWatchdog::current() {
  if (current_watchdog == nullptr) misuse("TaskWatchdog::current", "no session is alive");
  return *current_watchdog;
}

std::vector<TaskWatchdog::Entry>::iterator TaskWatchdog::find(const Task& task) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& entry) { return entry.task_number == task.number; });
}

bool TaskWatchdog::watches(const Task& task) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.task_number == task.number; });
}

esp_err_t TaskWatchdog::add(const Task& task) {
  if (watches(task)) return ESP_ERR_INVALID_ARG;
  // The new task counts as fed when all the others are, so that the timer begins anew.
  entries_.push_back({task.number, task.name, true});
  feed_if_all_have_reset();
  find(task)->has_reset = false;
  return ESP_OK;
}

esp_err_t TaskWatchdog::reset(const Task& task) {
  const auto entry = find(task);
  if (entry == entries_.end()) return ESP_ERR_NOT_FOUND;
  entry->has_reset = true;
  feed_if_all_have_reset();
  return ESP_OK;
}

esp_err_t TaskWatchdog::remove(const Task& task) {
  const auto entry = find(task);
  if (entry == entries_.end()) return ESP_ERR_NOT_FOUND;
  entries_.erase(entry);
  feed_if_all_have_reset();
  return ESP_OK;
}

void TaskWatchdog::feed_if_all_have_reset() {
  if (!std::all_of(entries_.begin(), entries_.end(),
                   [](const Entry& entry) { return entry.has_reset; })) {
    return;
  }
  for (Entry& entry : entries_) entry.has_reset = false;
  Scheduler& scheduler = Scheduler::current();
  scheduler.cancel(std::exchange(alarm_, 0));
  if (entries_.empty()) return;
  alarm_ = scheduler.call_at(scheduler.now_us() + timeout_us_, [this] { expire(); });
}

void TaskWatchdog::expire() {
  ESP_LOGE(kTag, "Task watchdog got triggered. The following tasks did not reset the watchdog:");
  for (const Entry& entry : entries_) {
    if (!entry.has_reset) ESP_LOGE(kTag, " - %s", entry.task_name.c_str());
  }
  ESP_LOGE(kTag, "Aborting.");
  panic_from_callback(ESP_RST_TASK_WDT);
}

}  // namespace simulator::kernel

using simulator::kernel::Scheduler;
using simulator::kernel::task_or_running;
using simulator::kernel::TaskWatchdog;

extern "C" {

esp_err_t esp_task_wdt_add(TaskHandle_t task_handle) {
  Scheduler::current().kernel_call();
  return TaskWatchdog::current().add(task_or_running(task_handle, __func__));
}

esp_err_t esp_task_wdt_reset(void) {
  Scheduler::current().kernel_call();
  return TaskWatchdog::current().reset(task_or_running(nullptr, __func__));
}

esp_err_t esp_task_wdt_delete(TaskHandle_t task_handle) {
  Scheduler::current().kernel_call();
  return TaskWatchdog::current().remove(task_or_running(task_handle, __func__));
}

esp_err_t esp_task_wdt_status(TaskHandle_t task_handle) {
  Scheduler::current().kernel_call();
  return TaskWatchdog::current().watches(task_or_running(task_handle, __func__))
             ? ESP_OK
             : ESP_ERR_NOT_FOUND;
}

}  // extern "C"
