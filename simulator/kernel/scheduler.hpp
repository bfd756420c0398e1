#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

/// Tasks as fibers on a virtual clock: one runs at a time, the order is fixed by a seed, and when
/// all of them wait the clock jumps to the next thing that is due.
namespace simulator::kernel {

class Heap;
class ObjectStore;
class Task;
class WaitList;
using TaskHandle = Task*;

/// A point in time that never comes.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
/// What every call of the kernel costs, so that a loop that polls cannot freeze the clock.
constexpr std::int64_t kKernelCallUs = 1;
/// Priorities are 0 (lowest, the idle task's on the chip) to this: ESP-IDF's configMAX_PRIORITIES
/// - 1.
constexpr unsigned kPriorityMax = 24;
/// A ready task of the highest ready priority runs after at most so many scheduling points, plus
/// one for each other ready task of that priority, whatever the seed.
constexpr unsigned kPassedOverMax = 16;

/// How the virtual clock follows the host's: not at all, or second by second (for people).
enum class Speed { max, real };

/// Why `Scheduler::run` came back.
enum class StopReason {
  deadline,   ///< the virtual time that the caller gave is reached
  idle,       ///< no task is ready and nothing is due: nothing will ever happen again
  restart,    ///< esp_restart()
  panic,      ///< abort(), a failed ESP_ERROR_CHECK, a watchdog
  power_off,  ///< the power was cut
  requested,  ///< somebody outside of the chip asked to stop (see `request_stop`)
};

/// One power-on session of the chip: it begins with empty RAM and ends when the chip restarts or
/// loses power. Not thread-safe; one at a time per process is current.
class Scheduler {
 public:
  struct Options {
    std::uint64_t seed = 1;  ///< fixes the order in which tasks of equal priority run
    Speed speed = Speed::max;
    std::size_t heap_bytes =
        300 * 1024;  ///< about what ESP-IDF leaves to an application of an ESP32
  };

  explicit Scheduler(Options options);
  /// Drops all tasks without unwinding their stacks, as a power cut does.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The session that is alive now. Aborts with a message when there is none.
  static Scheduler& current();
  static Scheduler* current_or_null();

  /// Makes a task ready. `priority` as in FreeRTOS: higher runs first; one above `kPriorityMax`
  /// counts as `kPriorityMax`. The name is copied, and cut after 15 characters as on the chip.
  /// `stack_bytes` is what the chip would give; the host's stack is larger (`Task`). The task
  /// ends when `body` returns; an exception that leaves `body` ends the process.
  TaskHandle spawn(std::string_view name, std::size_t stack_bytes, unsigned priority,
                   std::function<void()> body);

  /// Runs tasks and due callbacks until the chip stops or the clock reaches `deadline_us`: what is
  /// due at that very time is left to the next call. May be called again after `deadline`, `idle`
  /// and `requested`, and goes on where it was, even in the middle of an `advance`. Must not be
  /// called from a task.
  StopReason run(std::int64_t deadline_us);

  /// Microseconds since power-on.
  [[nodiscard]] std::int64_t now_us() const;

  /// Lets the clock pass for a running task without letting others run: what the CPU spends in a
  /// flash operation, and what a call of the host's network took. Callbacks run when they are due
  /// (after the critical section, in one), and the chip may stop in one of them: then the caller
  /// never comes back. Outside of `run` it only moves the clock; not allowed in a callback.
  void advance(std::int64_t duration_us);

  /// Calls `callback` when the clock reaches `when_us`, outside of any task; it must not block.
  /// The hardware of the chip lives in these: radio, timers. A time in the past means now;
  /// callbacks of one time run in the order of these calls. Kernel calls that do not block may be
  /// made from a callback. Returns an id for `cancel`, never 0.
  std::uint64_t call_at(std::int64_t when_us, std::function<void()> callback);
  /// Does nothing when the callback ran already or the id is not known.
  void cancel(std::uint64_t id);

  /// Ends `run` with `reason`; never returns to the task that calls it. From a task only.
  [[noreturn]] void stop(StopReason reason);
  /// Ends `run` with `reason` at the next scheduling point: when a task makes a kernel call outside
  /// of a critical section or waits, and between callbacks. From anywhere, a callback, another
  /// thread and a signal handler included; `run` notices it within 50 ms of host time while it
  /// sleeps for `Speed::real`.
  void request_stop(StopReason reason = StopReason::requested);

  /// True between the beginning and the end of `run`.
  [[nodiscard]] bool in_run() const;
  /// True while a task runs (false in callbacks and outside of `run`).
  [[nodiscard]] bool in_task() const;
  [[nodiscard]] TaskHandle running() const;

  // What blocking calls are built of. All of these may be called outside of tasks too, except for
  // those that say otherwise; there they cost no time.

  /// The beginning of every kernel call: lets `kKernelCallUs` pass and lets other tasks run, if
  /// they have a higher priority or the seed says so.
  void kernel_call();
  /// The end of a kernel call that may have made a task ready: one of higher priority runs at once.
  void preempt();
  /// Lets another ready task of the same priority run, if there is one. From a task only.
  void yield();
  /// Blocks the running task until somebody wakes it through `list` or the clock reaches
  /// `until_us`. False when it is the time that ended the wait. From a task only, and neither in a
  /// critical section nor while the scheduler is suspended: ends the process otherwise, naming
  /// `function`.
  bool wait(WaitList& list, std::int64_t until_us, std::string_view function);
  /// The same for a task that nobody wakes.
  void sleep_until(std::int64_t when_us, std::string_view function);
  /// Wakes the task of the highest priority in `list`, the longest waiting of these; returns it, or
  /// null when none waits. Call `preempt` afterwards.
  TaskHandle wake_first(WaitList& list);
  void wake_all(WaitList& list);
  /// Wakes one task, whatever it waits for; its `wait` returns true. Nothing if it does not wait.
  void wake(Task& task);

  /// Drops a task without unwinding its stack. The handle is invalid afterwards. Does not return
  /// when `task` is the running one.
  void remove(Task& task);
  /// Takes a task out until `resume`; a wait that it was in is over. The running one included.
  void suspend(Task& task);
  /// Nothing if it is not suspended.
  void resume(Task& task);
  /// Sets what the scheduler goes by. Call `preempt` afterwards.
  void set_effective_priority(Task& task, unsigned priority);
  /// The task with this number (`Task::number`), or null when it is gone. Numbers are not reused.
  [[nodiscard]] TaskHandle find(std::uint32_t number) const;
  /// The first task with this name, or null.
  [[nodiscard]] TaskHandle find(std::string_view name) const;
  [[nodiscard]] std::size_t task_count() const;

  /// Between these neither other tasks nor callbacks run. They nest, per task. Outside of tasks
  /// they do nothing.
  void enter_critical();
  void exit_critical();
  [[nodiscard]] bool in_critical() const;

  /// Between these no other task runs, but callbacks do. They nest. From a task only.
  void suspend_switching();
  void resume_switching();
  [[nodiscard]] bool switching_suspended() const;

  [[nodiscard]] Heap& heap();
  /// What device code created and did not delete: dropped with the session, after the tasks.
  [[nodiscard]] ObjectStore& objects();

  [[nodiscard]] std::uint64_t seed() const;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace simulator::kernel
