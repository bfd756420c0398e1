#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "simulator/kernel/heap.hpp"

namespace simulator::chip {

/// Where the firmware's malloc and operator new get their memory (cmake/firmware.cmake redirects
/// them here). It is counted against the chip's heap, and what the firmware still holds when the
/// session ends is freed with it. Whoever writes behind a block ends the process with a message,
/// when the block or the session ends. One at a time is current; without one, the firmware gets
/// host memory, uncounted.
class DeviceHeap {
 public:
  /// `model` must outlive it.
  explicit DeviceHeap(kernel::Heap& model);
  ~DeviceHeap();
  DeviceHeap(const DeviceHeap&) = delete;
  DeviceHeap& operator=(const DeviceHeap&) = delete;

  static DeviceHeap* current_or_null();

  /// Null when the chip has no such piece of memory left.
  [[nodiscard]] void* allocate(std::size_t bytes);
  /// False when the memory is not from here.
  [[nodiscard]] bool free(void* memory);
  /// 0 when the memory is not from here.
  [[nodiscard]] std::size_t size_of(void* memory) const;

  /// How many blocks were allocated, freed ones included.
  [[nodiscard]] std::uint64_t allocations() const { return allocations_; }
  [[nodiscard]] std::size_t blocks_alive() const { return blocks_.size(); }
  [[nodiscard]] std::size_t bytes_alive() const { return bytes_alive_; }
  [[nodiscard]] std::size_t bytes_alive_max() const { return bytes_alive_max_; }

 private:
  struct Block {
    std::unique_ptr<std::max_align_t[]> memory;
    std::size_t bytes;
    kernel::HeapBlock share;
  };

  static void check_guard(const void* memory, const Block& block);

  kernel::Heap& model_;
  std::map<void*, Block> blocks_;
  std::uint64_t allocations_ = 0;
  std::size_t bytes_alive_ = 0;
  std::size_t bytes_alive_max_ = 0;
};

}  // namespace simulator::chip
