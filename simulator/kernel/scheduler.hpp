#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// Tasks as fibers on a virtual clock: one runs at a time, the order is fixed by a seed, and when
/// all of them wait the clock jumps to the next thing that is due.
namespace simulator::kernel {

class Task;
using TaskHandle = Task*;

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
  };

  explicit Scheduler(Options options);
  /// Drops all tasks without unwinding their stacks, as a power cut does.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The session that is alive now. Aborts with a message when there is none.
  static Scheduler& current();
  static Scheduler* current_or_null();

  /// Makes a task ready. `priority` as in FreeRTOS: higher runs first. The name is copied.
  TaskHandle spawn(std::string_view name, std::size_t stack_bytes, unsigned priority,
                   std::function<void()> body);

  /// Runs tasks and due callbacks until the chip stops or the clock reaches `deadline_us`. May be
  /// called again after `deadline` and `idle`. Must not be called from a task.
  StopReason run(std::int64_t deadline_us);

  /// Microseconds since power-on.
  [[nodiscard]] std::int64_t now_us() const;

  /// Lets the clock pass for a running task without letting others run: what the CPU spends in a
  /// flash operation, and what a call of the host's network took.
  void advance(std::int64_t duration_us);

  /// Calls `callback` when the clock reaches `when_us`, outside of any task; it must not block.
  /// The hardware of the chip lives in these: radio, timers. Returns an id for `cancel`.
  std::uint64_t call_at(std::int64_t when_us, std::function<void()> callback);
  /// Does nothing when the callback ran already or the id is not known.
  void cancel(std::uint64_t id);

  /// Ends `run` with `reason`; never returns to the task that calls it. From a task only.
  [[noreturn]] void stop(StopReason reason);
  /// Ends `run` with `StopReason::requested` at the next scheduling point. From anywhere.
  void request_stop();

  /// True while a task runs (false in callbacks and outside of `run`).
  [[nodiscard]] bool in_task() const;
  [[nodiscard]] TaskHandle running() const;

  class Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace simulator::kernel
