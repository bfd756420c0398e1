#include "simulator/kernel/software_timers.hpp"

#include "freertos/task.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/ticks.hpp"

namespace simulator::kernel {

namespace {

SoftwareTimers* current_timers = nullptr;

/// The id of `xTimerPendFunctionCall`'s command, which no timer has.
constexpr BaseType_t kExecuteFunction = -1;
/// What FreeRTOS allocates for a timer (ESP32, ESP-IDF v5.5).
constexpr std::size_t kControlBlockBytes = 44;

/// The tick of a 32-bit count in the recent past.
std::int64_t unwrap(TickType_t count) {
  const std::int64_t now = ticks_now();
  return now - static_cast<TickType_t>(static_cast<TickType_t>(now) - count);
}

}  // namespace

SoftwareTimers::SoftwareTimers() {
  if (current_timers != nullptr) misuse("SoftwareTimers", "another session is alive");
  current_timers = this;
}

SoftwareTimers::~SoftwareTimers() {
  current_timers = nullptr;
}

SoftwareTimers& SoftwareTimers::current() {
  if (current_timers == nullptr) misuse("SoftwareTimers::current", "no session is alive");
  return *current_timers;
}

void SoftwareTimers::start_task() {
  if (task_ != nullptr) return;
  commands_ = xQueueCreate(configTIMER_QUEUE_LENGTH, sizeof(Command));
  const BaseType_t created =
      xTaskCreate([](void* timers) { static_cast<SoftwareTimers*>(timers)->run(); }, "Tmr Svc",
                  configTIMER_TASK_STACK_DEPTH, this, configTIMER_TASK_PRIORITY, &task_);
  if (commands_ == nullptr || created != pdPASS) {
    misuse("SoftwareTimers", "the heap has no room for the timer task");
  }
}

TaskHandle_t SoftwareTimers::task() {
  start_task();
  return task_;
}

bool SoftwareTimers::send(const Command& command, TickType_t ticks_to_wait) {
  start_task();
  return xQueueSendToBack(commands_, &command, ticks_to_wait) == pdPASS;
}

void SoftwareTimers::run() {
  while (true) {
    const std::int64_t now = ticks_now();
    if (!active_.empty() && active_.begin()->first.first <= now) {
      expire_first();
      continue;
    }
    const TickType_t wait = active_.empty()
                                ? portMAX_DELAY
                                : static_cast<TickType_t>(active_.begin()->first.first - now);
    Command command;
    if (xQueueReceive(commands_, &command, wait) == pdTRUE) execute(command);
  }
}

void SoftwareTimers::execute(const Command& command) {
  switch (command.id) {
    case kExecuteFunction:
      command.function(command.argument1, command.argument2);
      break;
    case tmrCOMMAND_START:
    case tmrCOMMAND_RESET:
      deactivate(command.timer);
      start(command.timer, unwrap(command.value));
      break;
    case tmrCOMMAND_STOP:
      deactivate(command.timer);
      break;
    case tmrCOMMAND_CHANGE_PERIOD:
      deactivate(command.timer);
      command.timer->period_ticks = command.value;
      start(command.timer, ticks_now());
      break;
    case tmrCOMMAND_DELETE:
      deactivate(command.timer);
      if (!Scheduler::current().objects().destroy(command.timer)) {
        misuse("xTimerDelete", "the handle is not alive");
      }
      break;
    default:
      misuse("xTimerGenericCommand", "no such command");
  }
}

void SoftwareTimers::start(TimerHandle_t timer, std::int64_t from_tick) {
  activate(timer, from_tick + timer->period_ticks);
}

void SoftwareTimers::activate(TimerHandle_t timer, std::int64_t expiry_tick) {
  timer->active = true;
  timer->expiry_tick = expiry_tick;
  timer->order = ++last_order_;
  active_.emplace(Key{expiry_tick, timer->order}, timer);
}

void SoftwareTimers::deactivate(TimerHandle_t timer) {
  if (!timer->active) return;
  active_.erase(Key{timer->expiry_tick, timer->order});
  timer->active = false;
}

void SoftwareTimers::expire_first() {
  TimerHandle_t timer = active_.begin()->second;
  deactivate(timer);
  if (timer->auto_reload) activate(timer, timer->expiry_tick + timer->period_ticks);
  timer->callback(timer);
}

}  // namespace simulator::kernel

using simulator::kernel::HeapBlock;
using simulator::kernel::kControlBlockBytes;
using simulator::kernel::kExecuteFunction;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;
using simulator::kernel::SoftwareTimers;

namespace {

TimerHandle_t create(const char* name, TickType_t period, BaseType_t auto_reload, void* id,
                     TimerCallbackFunction_t callback, HeapBlock memory) {
  if (period == 0) misuse("xTimerCreate", "the period is 0");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!memory.ok()) return nullptr;
  auto* timer = scheduler.objects().create<tmrTimerControl>();
  timer->name = name;
  timer->period_ticks = period;
  timer->auto_reload = auto_reload != pdFALSE;
  timer->id = id;
  timer->callback = callback;
  timer->memory = std::move(memory);
  return timer;
}

tmrTimerControl& checked(TimerHandle_t timer, const char* function) {
  if (timer == nullptr) misuse(function, "the handle is null");
  Scheduler::current().kernel_call();
  return *timer;
}

}  // namespace

extern "C" {

TimerHandle_t xTimerCreate(const char* const name, const TickType_t period,
                           const BaseType_t auto_reload, void* const id,
                           TimerCallbackFunction_t callback) {
  return create(name, period, auto_reload, id, callback,
                {Scheduler::current().heap(), kControlBlockBytes});
}

TimerHandle_t xTimerCreateStatic(const char* const name, const TickType_t period,
                                 const BaseType_t auto_reload, void* const id,
                                 TimerCallbackFunction_t callback, StaticTimer_t* memory) {
  if (memory == nullptr) misuse(__func__, "the memory is null");
  return create(name, period, auto_reload, id, callback, {});
}

void* pvTimerGetTimerID(const TimerHandle_t timer) {
  return checked(timer, __func__).id;
}

void vTimerSetTimerID(TimerHandle_t timer, void* id) {
  checked(timer, __func__).id = id;
}

BaseType_t xTimerIsTimerActive(TimerHandle_t timer) {
  return checked(timer, __func__).active ? pdTRUE : pdFALSE;
}

TaskHandle_t xTimerGetTimerDaemonTaskHandle(void) {
  return SoftwareTimers::current().task();
}

const char* pcTimerGetName(TimerHandle_t timer) {
  return checked(timer, __func__).name;
}

TickType_t xTimerGetPeriod(TimerHandle_t timer) {
  return static_cast<TickType_t>(checked(timer, __func__).period_ticks);
}

TickType_t xTimerGetExpiryTime(TimerHandle_t timer) {
  return static_cast<TickType_t>(checked(timer, __func__).expiry_tick);
}

UBaseType_t uxTimerGetReloadMode(TimerHandle_t timer) {
  return checked(timer, __func__).auto_reload ? 1 : 0;
}

BaseType_t xTimerGenericCommand(TimerHandle_t timer, const BaseType_t command,
                                const TickType_t value, BaseType_t* const woken,
                                const TickType_t ticks) {
  if (timer == nullptr) misuse(__func__, "the handle is null");
  if (command == tmrCOMMAND_CHANGE_PERIOD && value == 0) misuse(__func__, "the period is 0");
  if (woken != nullptr) *woken = pdFALSE;
  return SoftwareTimers::current().send({command, timer, value, nullptr, nullptr, 0}, ticks)
             ? pdPASS
             : pdFAIL;
}

BaseType_t xTimerPendFunctionCall(PendedFunction_t function, void* argument1, uint32_t argument2,
                                  TickType_t ticks) {
  if (function == nullptr) misuse(__func__, "the function is null");
  return SoftwareTimers::current().send(
             {kExecuteFunction, nullptr, 0, function, argument1, argument2}, ticks)
             ? pdPASS
             : pdFAIL;
}

}  // extern "C"
