#pragma once

#include <array>
#include <vector>

#include "simulator/kernel/random.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

/// The tasks that could run now, apart from the running one, and whose turn it is. Among equals
/// the seed decides, as the moment of a tick and the second core do on the chip; nobody is passed
/// over more often than `kPassedOverMax` says.
class ReadyQueue {
 public:
  explicit ReadyQueue(Random random) : random_(random) {}

  void add(Task& task);
  void remove(Task& task);

  [[nodiscard]] bool has_higher_than(const Task& running) const;
  [[nodiscard]] bool has_equal_to(const Task& running) const;
  /// Whether the running task, after a kernel call, has to make place for an equal one. Each call
  /// is one scheduling point.
  bool equal_has_its_turn(const Task& running);
  /// Takes out the task that runs next: `avoid` only if no other one of its priority is ready. Null
  /// when none is ready.
  TaskHandle take_next(const Task* avoid);

 private:
  using Equals = std::vector<Task*>;

  [[nodiscard]] int highest() const;
  static Task* longest_passed_over(const Equals& equals, const Task* avoid);
  static void pass_over(const Equals& equals);

  std::array<Equals, kPriorityMax + 1> by_priority_;
  Random random_;
};

}  // namespace simulator::kernel
