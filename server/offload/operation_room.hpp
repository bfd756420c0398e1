#pragma once

#include <cassert>
#include <cstddef>

namespace fuota::server::offload {

/// Memory for one operation of Asio's at a time: what is posted, or waited for, with `allocator()`
/// takes none, so that it can't fail for want of it. The next operation may begin when the one
/// before runs. Outlives its operations.
class OperationRoom {
 public:
  template <typename T>
  class Allocator {
   public:
    using value_type = T;

    explicit Allocator(OperationRoom& room) noexcept : room_(&room) {}
    template <typename Other>
    // NOLINTNEXTLINE(google-explicit-constructor): so allocators are made of each other.
    Allocator(const Allocator<Other>& other) noexcept : room_(other.room_) {}

    [[nodiscard]] T* allocate([[maybe_unused]] std::size_t count) const noexcept {
      static_assert(sizeof(T) <= kBytes && alignof(T) <= alignof(std::max_align_t));
      assert(count == 1 && !room_->taken_);
      room_->taken_ = true;
      return reinterpret_cast<T*>(room_->bytes_);
    }
    void deallocate(T*, std::size_t) const noexcept { room_->taken_ = false; }

    template <typename Other>
    bool operator==(const Allocator<Other>& other) const noexcept {
      return room_ == other.room_;
    }

   private:
    template <typename Other>
    friend class Allocator;

    OperationRoom* room_;
  };

  OperationRoom() = default;
  OperationRoom(const OperationRoom&) = delete;
  OperationRoom& operator=(const OperationRoom&) = delete;

  [[nodiscard]] Allocator<std::byte> allocator() noexcept { return Allocator<std::byte>(*this); }

 private:
  static constexpr std::size_t kBytes = 256;

  alignas(std::max_align_t) std::byte bytes_[kBytes];
  bool taken_ = false;
};

}  // namespace fuota::server::offload
