#pragma once

#include <vector>

namespace simulator::kernel {

class Task;

/// The tasks that wait for one thing. Only the scheduler puts tasks in.
class WaitList {
 public:
  WaitList() = default;
  /// Ends the process when the chip runs and a task still waits: it would be left in freed memory.
  /// Outside of `Scheduler::run`, when a session is taken apart, the tasks are merely let go of.
  ~WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  /// The task of the highest priority, the longest waiting of these; null when there is none.
  [[nodiscard]] Task* first() const;

  /// In the order of their arrival. A copy, so that tasks may be woken meanwhile.
  [[nodiscard]] std::vector<Task*> tasks() const { return tasks_; }

  void add(Task& task);
  void remove(Task& task);

 private:
  std::vector<Task*> tasks_;  ///< in the order of arrival
};

}  // namespace simulator::kernel
