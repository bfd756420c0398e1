#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace simulator::kernel {

/// Whether memory is taken as one block, or as many small ones, each of which finds its place.
enum class HeapPieces { one, many };

/// How much of the chip's heap is taken, by a model: nothing is allocated here. What the kernel and
/// the drivers hold for the application counts at about its size on the chip, so that what is not
/// given back shows in `esp_get_free_heap_size`, and so that a small heap makes creations fail. It
/// does not fragment by itself: `limit_block` makes it look so.
class Heap {
 public:
  explicit Heap(std::size_t total_bytes)
      : total_bytes_(total_bytes), free_bytes_(total_bytes), minimum_free_bytes_(total_bytes) {}
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  [[nodiscard]] std::size_t total_bytes() const { return total_bytes_; }
  [[nodiscard]] std::size_t free_bytes() const { return free_bytes_; }
  /// The least that was ever free in this session.
  [[nodiscard]] std::size_t minimum_free_bytes() const { return minimum_free_bytes_; }

  /// As if what is free were scattered: no block of more than `bytes` is found any more, however
  /// much is free. SIZE_MAX: no limit, as in the beginning.
  void limit_block(std::size_t bytes) { block_bytes_max_ = bytes; }
  /// What `heap_caps_get_largest_free_block` says.
  [[nodiscard]] std::size_t largest_free_block() const {
    return std::min(free_bytes_, block_bytes_max_);
  }

  /// False, and nothing is taken, when so much is not free, or not in one block.
  [[nodiscard]] bool take(std::size_t bytes, HeapPieces pieces = HeapPieces::one) {
    if (bytes > (pieces == HeapPieces::one ? largest_free_block() : free_bytes_)) return false;
    free_bytes_ -= bytes;
    if (free_bytes_ < minimum_free_bytes_) minimum_free_bytes_ = free_bytes_;
    return true;
  }
  void give_back(std::size_t bytes) { free_bytes_ += bytes; }

 private:
  const std::size_t total_bytes_;
  std::size_t free_bytes_;
  std::size_t minimum_free_bytes_;
  std::size_t block_bytes_max_ = SIZE_MAX;
};

/// A part of the heap, given back at the end of its life. The heap must outlive it.
class HeapBlock {
 public:
  /// No memory, and none needed: an object in memory of its user.
  HeapBlock() = default;
  /// `ok` tells whether the heap had so much.
  HeapBlock(Heap& heap, std::size_t bytes, HeapPieces pieces = HeapPieces::one)
      : heap_(&heap), bytes_(bytes) {
    if (!heap.take(bytes, pieces)) {
      ok_ = false;
      bytes_ = 0;
    }
  }
  HeapBlock(HeapBlock&& other) noexcept
      : heap_(other.heap_), bytes_(std::exchange(other.bytes_, 0)), ok_(other.ok_) {}
  HeapBlock& operator=(HeapBlock&& other) noexcept {
    std::swap(heap_, other.heap_);
    std::swap(bytes_, other.bytes_);
    std::swap(ok_, other.ok_);
    return *this;
  }
  ~HeapBlock() {
    if (bytes_ != 0) heap_->give_back(bytes_);
  }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Heap* heap_ = nullptr;
  std::size_t bytes_ = 0;
  bool ok_ = true;
};

}  // namespace simulator::kernel
