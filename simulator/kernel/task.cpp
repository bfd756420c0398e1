#include "simulator/kernel/task.hpp"

#include <algorithm>
#include <utility>

#include "simulator/kernel/wait_list.hpp"

namespace simulator::kernel {

Task::Task(std::uint32_t task_number, std::string_view task_name, std::size_t stack_size_bytes,
           unsigned task_priority, std::function<void()> body)
    : number(task_number),
      name(task_name.substr(0, kNameCharsMax)),
      stack_bytes(stack_size_bytes),
      base_priority(task_priority),
      priority(task_priority),
      fiber(std::max(stack_size_bytes * kHostStackFactor, kHostStackBytesMin), std::move(body)) {}

Task::~Task() {
  if (waiting_in != nullptr) waiting_in->remove(*this);
}

std::size_t Task::stack_never_used_bytes() const {
  const std::size_t used = fiber.stack().used();
  return used < stack_bytes ? stack_bytes - used : 0;
}

}  // namespace simulator::kernel
