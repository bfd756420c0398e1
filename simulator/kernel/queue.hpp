#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/wait_list.hpp"

/// A queue of items, and, as in FreeRTOS, every semaphore: a queue of items without bytes.
struct QueueDefinition final : public simulator::kernel::KernelObject {
  enum class Kind { queue, counting_semaphore, binary_semaphore, mutex, recursive_mutex };
  enum class Position { back, front, overwrite };

  QueueDefinition(Kind object_kind, std::size_t item_count_max, std::size_t bytes_per_item,
                  simulator::kernel::HeapBlock heap_block);

  [[nodiscard]] bool is_mutex() const {
    return kind == Kind::mutex || kind == Kind::recursive_mutex;
  }
  [[nodiscard]] bool full() const { return count == length; }

  /// Puts an item in and wakes who waits for it; the queue must not be full, unless overwritten.
  void put(const void* item, Position position);
  /// Copies the first item; the queue must not be empty.
  void copy_first(void* item) const;
  /// Takes the first item out and wakes who waits for room.
  void drop_first();
  void clear();

  const Kind kind;
  const std::size_t length;
  const std::size_t item_bytes;
  std::size_t count = 0;
  simulator::kernel::WaitList receivers;
  simulator::kernel::WaitList senders;

  // Of mutexes.
  std::uint32_t holder_number = 0;  ///< of the task; 0: free, or taken by nobody that still exists
  std::size_t recursion = 0;

 private:
  std::byte* item_at(std::size_t index);

  simulator::kernel::HeapBlock memory_;
  std::vector<std::byte> storage_;
  std::size_t first_ = 0;
};

namespace simulator::kernel {

/// The rules of priority inheritance, for a mutex that the running task takes, wants or gives.
void become_holder(QueueDefinition& mutex);
void inherit_priority(QueueDefinition& mutex);
/// A task that waited has given up: its priority is no longer inherited.
void forget_waiter(QueueDefinition& mutex);
/// Ends the process when the running task is not the holder.
void release_mutex(QueueDefinition& mutex);

}  // namespace simulator::kernel
