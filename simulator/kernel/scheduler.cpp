#include "simulator/kernel/scheduler.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "simulator/kernel/alarms.hpp"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/random.hpp"
#include "simulator/kernel/ready_queue.hpp"
#include "simulator/kernel/task.hpp"
#include "simulator/kernel/wait_list.hpp"

namespace simulator::kernel {

namespace {

Scheduler* current_scheduler = nullptr;

constexpr std::uint64_t kRandomPurpose = 1;

/// Keeps the host's clock from falling behind the virtual one.
class Pace {
 public:
  explicit Pace(Speed speed) : speed_(speed) {}

  /// From now on virtual time `now_us` is the host's present.
  void begin(std::int64_t now_us) { origin_ = Clock::now() - std::chrono::microseconds(now_us); }

  /// Sleeps until the host's clock has reached `when_us`, or `interrupted`.
  void wait_for(std::int64_t when_us, const std::atomic<int>& interrupted) const {
    if (speed_ == Speed::max || when_us == kNever) return;
    const Clock::time_point when = origin_ + std::chrono::microseconds(when_us);
    while (interrupted.load() == kNotInterrupted && Clock::now() < when) {
      std::this_thread::sleep_until(std::min(when, Clock::now() + kSliceMax));
    }
  }

  /// How far the virtual clock may go without a look at the host's.
  [[nodiscard]] std::int64_t step_us_max() const { return speed_ == Speed::max ? kNever : 1000; }

  static constexpr int kNotInterrupted = -1;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kSliceMax{50};

  Speed speed_;
  Clock::time_point origin_;
};

}  // namespace

class Scheduler::Impl {
 public:
  explicit Impl(Options chosen)
      : options(chosen),
        ready(Random(chosen.seed, kRandomPurpose)),
        pace(chosen.speed),
        heap(chosen.heap_bytes) {}

  /// Runs until something ends it, with the clock at most at `deadline_us`.
  StopReason loop();
  /// Runs what is due now. Returns the reason if the chip stops meanwhile.
  std::optional<StopReason> run_callbacks();
  void move_clock_towards(std::int64_t target_us);
  void run_task(Task& task);
  void make_ready(Task& task);
  /// Leaves the processor to others; comes back when the scheduler picks the running task again.
  void switch_away();
  void drop(Task& task);
  [[nodiscard]] std::optional<StopReason> take_stop_request();
  [[nodiscard]] Task& running_task(std::string_view function) const;
  /// False in a critical section and while switching is suspended.
  [[nodiscard]] bool may_switch() const {
    return running->critical_nesting == 0 && running->switch_lock_nesting == 0;
  }

  const Options options;
  ReadyQueue ready;
  Pace pace;
  Alarms alarms;
  Heap heap;
  WaitList sleepers;
  ObjectStore objects;  // after the tasks in destruction, since they may wait in its lists
  std::vector<std::unique_ptr<Task>> tasks;
  std::uint32_t last_task_number = 0;

  std::int64_t now_us = 0;
  std::int64_t deadline_us = 0;
  std::int64_t paced_us = 0;  ///< up to here the host's clock has been looked at
  /// Holds the processor: it runs, or the clock runs for it in `advance`.
  Task* running = nullptr;
  std::int64_t busy_until_us = 0;
  const Task* yielding = nullptr;  ///< asked for others to go first
  bool in_run = false;
  bool in_fiber = false;
  bool running_is_removed = false;
  std::optional<StopReason> stopped;  ///< by a task
  bool dead = false;
  std::atomic<int> stop_request{Pace::kNotInterrupted};  ///< a StopReason
};

std::optional<StopReason> Scheduler::Impl::take_stop_request() {
  const int request = stop_request.exchange(Pace::kNotInterrupted);
  if (request == Pace::kNotInterrupted) return std::nullopt;
  return static_cast<StopReason>(request);
}

std::optional<StopReason> Scheduler::Impl::run_callbacks() {
  while (alarms.next_us() <= now_us) {
    alarms.take_first()();
    if (const auto reason = take_stop_request()) return reason;
  }
  return std::nullopt;
}

void Scheduler::Impl::move_clock_towards(std::int64_t target_us) {
  const std::int64_t when_us = std::min({target_us, alarms.next_us(), deadline_us});
  pace.wait_for(when_us, stop_request);
  if (stop_request.load() == Pace::kNotInterrupted) now_us = std::max(now_us, when_us);
  paced_us = now_us;
}

StopReason Scheduler::Impl::loop() {
  while (true) {
    if (const auto reason = take_stop_request()) return *reason;
    if (now_us >= deadline_us) return StopReason::deadline;
    if (const auto reason = run_callbacks()) return *reason;
    if (running != nullptr && now_us < busy_until_us) {
      move_clock_towards(busy_until_us);
    } else if (Task* next = running != nullptr ? running : ready.take_next(yielding)) {
      run_task(*next);
      if (stopped) return *stopped;
    } else if (alarms.next_us() == kNever) {
      return StopReason::idle;
    } else {
      move_clock_towards(kNever);
    }
  }
}

void Scheduler::Impl::run_task(Task& task) {
  running = &task;
  yielding = nullptr;
  task.state = Task::State::running;
  in_fiber = true;
  task.fiber.resume();
  in_fiber = false;
  if (task.fiber.ended() || running_is_removed) {
    running_is_removed = false;
    drop(task);
  }
}

void Scheduler::Impl::make_ready(Task& task) {
  task.state = Task::State::ready;
  ready.add(task);
}

void Scheduler::Impl::switch_away() {
  Task& task = *running;
  running = nullptr;
  task.fiber.suspend();
}

void Scheduler::Impl::drop(Task& task) {
  if (task.state == Task::State::ready) ready.remove(task);
  alarms.cancel(task.timeout_id);
  if (yielding == &task) yielding = nullptr;
  if (running == &task) running = nullptr;
  std::erase_if(tasks, [&](const auto& owned) { return owned.get() == &task; });
}

Task& Scheduler::Impl::running_task(std::string_view function) const {
  if (!in_fiber) misuse(function, "called outside of a task");
  return *running;
}

Scheduler::Scheduler(Options options) : impl_(std::make_unique<Impl>(options)) {
  if (current_scheduler != nullptr) misuse("Scheduler", "another session is alive");
  current_scheduler = this;
}

Scheduler::~Scheduler() {
  if (impl_->in_run) misuse("~Scheduler", "the session still runs");
  impl_->tasks.clear();
  current_scheduler = nullptr;
}

Scheduler& Scheduler::current() {
  if (current_scheduler == nullptr) misuse("Scheduler::current", "no session is alive");
  return *current_scheduler;
}

Scheduler* Scheduler::current_or_null() {
  return current_scheduler;
}

TaskHandle Scheduler::spawn(std::string_view name, std::size_t stack_bytes, unsigned priority,
                            std::function<void()> body) {
  impl_->tasks.push_back(std::make_unique<Task>(++impl_->last_task_number, name, stack_bytes,
                                                std::min(priority, kPriorityMax), std::move(body)));
  Task& task = *impl_->tasks.back();
  impl_->make_ready(task);
  return &task;
}

StopReason Scheduler::run(std::int64_t deadline_us) {
  Impl& impl = *impl_;
  if (impl.in_run) misuse("Scheduler::run", "called from a task or a callback");
  if (impl.dead) misuse("Scheduler::run", "the chip has stopped");
  impl.in_run = true;
  impl.deadline_us = deadline_us;
  impl.pace.begin(impl.now_us);
  const StopReason reason = impl.loop();
  impl.in_run = false;
  impl.dead = reason == StopReason::restart || reason == StopReason::panic ||
              reason == StopReason::power_off;
  return reason;
}

std::int64_t Scheduler::now_us() const {
  return impl_->now_us;
}

void Scheduler::advance(std::int64_t duration_us) {
  Impl& impl = *impl_;
  const std::int64_t target_us = impl.now_us + std::max<std::int64_t>(duration_us, 0);
  if (!impl.in_fiber) {
    if (impl.in_run) misuse("Scheduler::advance", "called in a callback");
    impl.now_us = target_us;
    return;
  }
  const bool nothing_meanwhile = impl.alarms.next_us() > target_us &&
                                 target_us < impl.deadline_us &&
                                 target_us - impl.paced_us < impl.pace.step_us_max() &&
                                 impl.stop_request.load() == Pace::kNotInterrupted;
  if (nothing_meanwhile || in_critical()) {
    impl.now_us = target_us;
    return;
  }
  impl.busy_until_us = target_us;
  impl.running->fiber.suspend();
}

std::uint64_t Scheduler::call_at(std::int64_t when_us, std::function<void()> callback) {
  return impl_->alarms.add(std::max(when_us, impl_->now_us), std::move(callback));
}

void Scheduler::cancel(std::uint64_t id) {
  impl_->alarms.cancel(id);
}

void Scheduler::stop(StopReason reason) {
  Task& task = impl_->running_task("Scheduler::stop");
  impl_->stopped = reason;
  task.fiber.suspend();
  misuse("Scheduler::stop", "a stopped task was resumed");
}

void Scheduler::request_stop(StopReason reason) {
  impl_->stop_request.store(static_cast<int>(reason));
}

bool Scheduler::in_run() const {
  return impl_->in_run;
}

bool Scheduler::in_task() const {
  return impl_->in_fiber;
}

TaskHandle Scheduler::running() const {
  return impl_->in_fiber ? impl_->running : nullptr;
}

void Scheduler::kernel_call() {
  Impl& impl = *impl_;
  if (!impl.in_fiber) return;
  advance(kKernelCallUs);
  if (!impl.may_switch()) return;
  if (impl.ready.has_higher_than(*impl.running) || impl.ready.equal_has_its_turn(*impl.running)) {
    impl.yielding = impl.running;
    impl.make_ready(*impl.running);
    impl.switch_away();
  }
}

void Scheduler::preempt() {
  Impl& impl = *impl_;
  if (!impl.in_fiber || !impl.may_switch()) return;
  if (!impl.ready.has_higher_than(*impl.running)) return;
  impl.make_ready(*impl.running);
  impl.switch_away();
}

void Scheduler::yield() {
  Impl& impl = *impl_;
  const Task& task = impl.running_task("Scheduler::yield");
  if (!impl.may_switch()) return;
  if (!impl.ready.has_higher_than(task) && !impl.ready.has_equal_to(task)) return;
  impl.yielding = &task;
  impl.make_ready(*impl.running);
  impl.switch_away();
}

bool Scheduler::wait(WaitList& list, std::int64_t until_us, std::string_view function) {
  Impl& impl = *impl_;
  Task& task = impl.running_task(function);
  if (in_critical()) misuse(function, "blocks in a critical section");
  if (switching_suspended()) misuse(function, "blocks while the scheduler is suspended");
  if (until_us <= impl.now_us) return false;
  task.state = Task::State::blocked;
  task.timed_out = false;
  list.add(task);
  if (until_us != kNever) {
    task.timeout_id = call_at(until_us, [this, &task] {
      task.timeout_id = 0;
      wake(task);
      task.timed_out = true;
    });
  }
  impl.switch_away();
  return !task.timed_out;
}

void Scheduler::sleep_until(std::int64_t when_us, std::string_view function) {
  wait(impl_->sleepers, when_us, function);
}

TaskHandle Scheduler::wake_first(WaitList& list) {
  Task* task = list.first();
  if (task != nullptr) wake(*task);
  return task;
}

void Scheduler::wake_all(WaitList& list) {
  while (wake_first(list) != nullptr) {
  }
}

void Scheduler::wake(Task& task) {
  if (task.state != Task::State::blocked) return;
  impl_->alarms.cancel(std::exchange(task.timeout_id, 0));
  if (task.waiting_in != nullptr) task.waiting_in->remove(task);
  impl_->make_ready(task);
}

void Scheduler::remove(Task& task) {
  Impl& impl = *impl_;
  if (&task != running()) {
    impl.drop(task);
    return;
  }
  impl.running_is_removed = true;
  task.fiber.suspend();
  misuse("Scheduler::remove", "a removed task was resumed");
}

void Scheduler::suspend(Task& task) {
  Impl& impl = *impl_;
  if (&task == running()) {
    if (!impl.may_switch()) misuse("Scheduler::suspend", "blocks in a critical section");
    task.state = Task::State::suspended;
    impl.switch_away();
    return;
  }
  if (&task == impl.running) misuse("Scheduler::suspend", "called in a callback");
  wake(task);
  if (task.state == Task::State::ready) impl.ready.remove(task);
  task.state = Task::State::suspended;
}

void Scheduler::resume(Task& task) {
  if (task.state == Task::State::suspended) impl_->make_ready(task);
}

void Scheduler::set_effective_priority(Task& task, unsigned priority) {
  const bool queued = task.state == Task::State::ready;
  if (queued) impl_->ready.remove(task);
  task.priority = std::min(priority, kPriorityMax);
  if (queued) impl_->ready.add(task);
}

TaskHandle Scheduler::find(std::uint32_t number) const {
  const auto found = std::find_if(impl_->tasks.begin(), impl_->tasks.end(),
                                  [&](const auto& task) { return task->number == number; });
  return found == impl_->tasks.end() ? nullptr : found->get();
}

TaskHandle Scheduler::find(std::string_view name) const {
  const auto found = std::find_if(impl_->tasks.begin(), impl_->tasks.end(),
                                  [&](const auto& task) { return task->name == name; });
  return found == impl_->tasks.end() ? nullptr : found->get();
}

std::size_t Scheduler::task_count() const {
  return impl_->tasks.size();
}

void Scheduler::enter_critical() {
  if (impl_->in_fiber) ++impl_->running->critical_nesting;
}

void Scheduler::exit_critical() {
  if (!impl_->in_fiber) return;
  Task& task = *impl_->running;
  if (task.critical_nesting == 0) misuse("Scheduler::exit_critical", "not in a critical section");
  if (--task.critical_nesting == 0) {
    advance(0);
    preempt();
  }
}

bool Scheduler::in_critical() const {
  return impl_->in_fiber && impl_->running->critical_nesting != 0;
}

void Scheduler::suspend_switching() {
  ++impl_->running_task("Scheduler::suspend_switching").switch_lock_nesting;
}

void Scheduler::resume_switching() {
  Task& task = impl_->running_task("Scheduler::resume_switching");
  if (task.switch_lock_nesting == 0) misuse("Scheduler::resume_switching", "not suspended");
  --task.switch_lock_nesting;
  preempt();
}

bool Scheduler::switching_suspended() const {
  return impl_->in_fiber && impl_->running->switch_lock_nesting != 0;
}

Heap& Scheduler::heap() {
  return impl_->heap;
}

ObjectStore& Scheduler::objects() {
  return impl_->objects;
}

std::uint64_t Scheduler::seed() const {
  return impl_->options.seed;
}

}  // namespace simulator::kernel
