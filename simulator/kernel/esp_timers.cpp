#include "simulator/kernel/esp_timers.hpp"

#include <algorithm>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

namespace {

EspTimers* current_timers = nullptr;

/// ESP_TASK_TIMER_STACK and ESP_TASK_TIMER_PRIO of ESP-IDF.
constexpr std::uint32_t kStackBytes = 3584;
constexpr UBaseType_t kPriority = 22;
constexpr std::size_t kTimerBytes = 40;

}  // namespace

EspTimers::EspTimers() {
  if (current_timers != nullptr) misuse("EspTimers", "another session is alive");
  current_timers = this;
}

EspTimers::~EspTimers() {
  current_timers = nullptr;
}

EspTimers& EspTimers::current() {
  if (current_timers == nullptr) misuse("EspTimers::current", "no session is alive");
  return *current_timers;
}

bool EspTimers::start_task() {
  return task_ != nullptr ||
         xTaskCreate([](void* timers) { static_cast<EspTimers*>(timers)->run(); }, "esp_timer",
                     kStackBytes, this, kPriority, &task_) == pdPASS;
}

esp_timer_handle_t EspTimers::create(const esp_timer_create_args_t& args) {
  Scheduler& scheduler = Scheduler::current();
  if (!start_task()) return nullptr;
  HeapBlock memory(scheduler.heap(), kTimerBytes);
  if (!memory.ok()) return nullptr;
  auto* timer = scheduler.objects().create<esp_timer>();
  timer->callback = args.callback;
  timer->argument = args.arg;
  timer->skip_unhandled_events = args.skip_unhandled_events;
  timer->memory = std::move(memory);
  return timer;
}

void EspTimers::arm(esp_timer& timer, std::int64_t alarm_us, std::int64_t period_us) {
  timer.armed = true;
  timer.alarm_us = alarm_us;
  timer.period_us = period_us;
  timer.order = ++last_order_;
  armed_.emplace(Key{alarm_us, timer.order}, &timer);
  set_hardware_alarm();
}

void EspTimers::disarm(esp_timer& timer) {
  armed_.erase(Key{timer.alarm_us, timer.order});
  timer.armed = false;
  set_hardware_alarm();
}

std::int64_t EspTimers::next_alarm_us() const {
  return armed_.empty() ? kNever : armed_.begin()->first.first;
}

void EspTimers::set_hardware_alarm() {
  Scheduler& scheduler = Scheduler::current();
  scheduler.cancel(std::exchange(hardware_alarm_, 0));
  if (armed_.empty()) return;
  hardware_alarm_ =
      scheduler.call_at(next_alarm_us(), [this] { vTaskNotifyGiveFromISR(task_, nullptr); });
}

void EspTimers::run() {
  while (true) {
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    while (next_alarm_us() <= Scheduler::current().now_us()) call_first();
  }
}

void EspTimers::call_first() {
  esp_timer& timer = *armed_.begin()->second;
  const std::int64_t now_us = Scheduler::current().now_us();
  disarm(timer);
  if (timer.period_us != 0) {
    const bool skip =
        timer.skip_unhandled_events && (now_us - timer.alarm_us) / timer.period_us > 1;
    arm(timer, (skip ? now_us : timer.alarm_us) + timer.period_us, timer.period_us);
  }
  // The callback may delete its timer.
  timer.callback(timer.argument);
}

}  // namespace simulator::kernel

using simulator::kernel::EspTimers;
using simulator::kernel::Scheduler;

namespace {

/// CONFIG_ESP_TIMER's shortest period.
constexpr std::uint64_t kPeriodUsMin = 50;

esp_err_t start(esp_timer_handle_t timer, std::uint64_t delay_us, std::uint64_t period_us) {
  if (timer == nullptr) return ESP_ERR_INVALID_ARG;
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (timer->armed) return ESP_ERR_INVALID_STATE;
  EspTimers::current().arm(*timer, scheduler.now_us() + static_cast<std::int64_t>(delay_us),
                           static_cast<std::int64_t>(period_us));
  return ESP_OK;
}

}  // namespace

extern "C" {

esp_err_t esp_timer_create(const esp_timer_create_args_t* args, esp_timer_handle_t* timer) {
  if (args == nullptr || args->callback == nullptr || timer == nullptr ||
      args->dispatch_method != ESP_TIMER_TASK) {
    return ESP_ERR_INVALID_ARG;
  }
  Scheduler::current().kernel_call();
  esp_timer_handle_t created = EspTimers::current().create(*args);
  if (created == nullptr) return ESP_ERR_NO_MEM;
  *timer = created;
  return ESP_OK;
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us) {
  return start(timer, timeout_us, 0);
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period_us) {
  period_us = std::max(period_us, kPeriodUsMin);
  return start(timer, period_us, period_us);
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer) {
  if (timer == nullptr) return ESP_ERR_INVALID_ARG;
  Scheduler::current().kernel_call();
  if (!timer->armed) return ESP_ERR_INVALID_STATE;
  EspTimers::current().disarm(*timer);
  return ESP_OK;
}

esp_err_t esp_timer_delete(esp_timer_handle_t timer) {
  if (timer == nullptr) return ESP_ERR_INVALID_ARG;
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (timer->armed) return ESP_ERR_INVALID_STATE;
  if (!scheduler.objects().destroy(timer)) {
    simulator::kernel::misuse(__func__, "the handle is not alive");
  }
  return ESP_OK;
}

bool esp_timer_is_active(esp_timer_handle_t timer) {
  if (timer == nullptr) return false;
  Scheduler::current().kernel_call();
  return timer->armed;
}

int64_t esp_timer_get_time(void) {
  Scheduler::current().kernel_call();
  return Scheduler::current().now_us();
}

int64_t esp_timer_get_next_alarm(void) {
  Scheduler::current().kernel_call();
  return EspTimers::current().next_alarm_us();
}

}  // extern "C"
