#include "simulator/kernel/ready_queue.hpp"

#include <algorithm>

#include "simulator/kernel/task.hpp"

namespace simulator::kernel {

namespace {

/// One of so many kernel calls hands over to an equal task, if there is one.
constexpr std::uint64_t kKernelCallsPerSwitch = 8;

}  // namespace

void ReadyQueue::add(Task& task) {
  task.passed_over = 0;
  by_priority_[task.priority].push_back(&task);
}

void ReadyQueue::remove(Task& task) {
  std::erase(by_priority_[task.priority], &task);
}

int ReadyQueue::highest() const {
  int priority = static_cast<int>(kPriorityMax);
  while (priority >= 0 && by_priority_[static_cast<std::size_t>(priority)].empty()) --priority;
  return priority;
}

bool ReadyQueue::has_higher_than(const Task& running) const {
  return highest() > static_cast<int>(running.priority);
}

bool ReadyQueue::has_equal_to(const Task& running) const {
  return !by_priority_[running.priority].empty();
}

bool ReadyQueue::equal_has_its_turn(const Task& running) {
  const Equals& equals = by_priority_[running.priority];
  if (equals.empty()) return false;
  if (longest_passed_over(equals, nullptr)->passed_over >= kPassedOverMax) return true;
  if (random_.below(kKernelCallsPerSwitch) == 0) return true;
  pass_over(equals);
  return false;
}

TaskHandle ReadyQueue::take_next(const Task* avoid) {
  const int priority = highest();
  if (priority < 0) return nullptr;
  Equals& equals = by_priority_[static_cast<std::size_t>(priority)];
  if (equals.size() == 1) avoid = nullptr;
  Task* next = longest_passed_over(equals, avoid);
  if (next->passed_over < kPassedOverMax) {
    do {
      next = equals[random_.below(equals.size())];
    } while (next == avoid);
  }
  std::erase(equals, next);
  pass_over(equals);
  return next;
}

Task* ReadyQueue::longest_passed_over(const Equals& equals, const Task* avoid) {
  Task* longest = nullptr;
  for (Task* task : equals) {
    if (task == avoid) continue;
    if (longest == nullptr || task->passed_over > longest->passed_over) longest = task;
  }
  return longest;
}

void ReadyQueue::pass_over(const Equals& equals) {
  for (Task* task : equals) ++task->passed_over;
}

}  // namespace simulator::kernel
