#include "simulator/kernel/wait_list.hpp"

#include <algorithm>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task.hpp"

namespace simulator::kernel {

WaitList::~WaitList() {
  const Scheduler* scheduler = Scheduler::current_or_null();
  if (!tasks_.empty() && scheduler != nullptr && scheduler->in_run()) {
    misuse("WaitList", "task '" + tasks_.front()->name + "' waits on an object that is deleted");
  }
  for (Task* task : tasks_) task->waiting_in = nullptr;
}

Task* WaitList::first() const {
  // Priorities may change during the wait, so that the order is not kept but found.
  const auto highest =
      std::max_element(tasks_.begin(), tasks_.end(),
                       [](const Task* a, const Task* b) { return a->priority < b->priority; });
  return highest == tasks_.end() ? nullptr : *highest;
}

void WaitList::add(Task& task) {
  tasks_.push_back(&task);
  task.waiting_in = this;
}

void WaitList::remove(Task& task) {
  std::erase(tasks_, &task);
  task.waiting_in = nullptr;
}

}  // namespace simulator::kernel
