#pragma once

#include <cstddef>
#include <cstdint>

#include "simulator/kernel/console.hpp"
#include "simulator/kernel/esp_timers.hpp"
#include "simulator/kernel/event_loop.hpp"
#include "simulator/kernel/log.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/software_timers.hpp"
#include "simulator/kernel/system.hpp"
#include "simulator/kernel/task_watchdog.hpp"

namespace simulator::kernel {

/// The kernel of one power-on session: all that freertos/, esp_event, esp_timer, esp_log,
/// esp_system, esp_mac, esp_random, esp_heap_caps and esp_task_wdt act on. One at a time per
/// process.
class Session {
 public:
  struct Options {
    std::uint64_t seed = 1;  ///< of the scheduler and of esp_random
    Speed speed = Speed::max;
    std::size_t heap_bytes = Scheduler::Options{}.heap_bytes;
    MacAddress base_mac = {0x24, 0x0a, 0xc4, 0x00, 0x00, 0x01};  ///< of the station
    esp_reset_reason_t reset_reason = ESP_RST_POWERON;
    Console::LineSink console;                          ///< none: the process's standard output
    std::int64_t task_watchdog_timeout_us = 5'000'000;  ///< CONFIG_ESP_TASK_WDT_TIMEOUT_S
  };

  explicit Session(Options options)
      : console_(std::move(options.console)),
        scheduler_({options.seed, options.speed, options.heap_bytes}),
        system_(options.seed, options.base_mac, options.reset_reason),
        task_watchdog_(options.task_watchdog_timeout_us) {}

  Scheduler& scheduler() { return scheduler_; }

  /// Runs the scheduler (`Scheduler::run`).
  StopReason run(std::int64_t deadline_us = kNever) { return scheduler_.run(deadline_us); }

  /// What the next session's `reset_reason` is, after `run` returned `reason`.
  [[nodiscard]] esp_reset_reason_t next_reset_reason(StopReason reason) const {
    return system_.next_reset_reason(reason);
  }

 private:
  Console console_;
  Scheduler scheduler_;
  Log log_;
  System system_;
  SoftwareTimers software_timers_;
  EspTimers esp_timers_;
  EventLoops event_loops_;
  TaskWatchdog task_watchdog_;
};

}  // namespace simulator::kernel
