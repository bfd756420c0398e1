#pragma once

#include <cstddef>
#include <functional>

namespace simulator::kernel {

/// A stack with a guard page below it. Its pages are mapped when they are first touched, and are
/// zero then, also on a stack that was used before.
class Stack {
 public:
  /// Takes a stack of at least `bytes` from the process-wide pool, or maps a new one. Ends the
  /// process when the host has no address space left.
  explicit Stack(std::size_t bytes);
  /// Gives the stack back to the pool, whatever frames are on it.
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  [[nodiscard]] std::byte* bottom() const { return bottom_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// How many bytes at the top were ever written, up to the deepest byte that is not zero.
  [[nodiscard]] std::size_t used() const;

 private:
  std::byte* bottom_;
  std::size_t size_;
};

/// A thread of control that runs only while somebody waits in `resume`.
///
/// Destroying a fiber that has not ended drops its frames without unwinding them: destructors of
/// objects on its stack do not run. `body` itself is destroyed with the fiber. A fiber must not be
/// suspended inside a catch block: the C++ runtime keeps the caught exceptions per thread.
class Fiber {
 public:
  Fiber(std::size_t stack_bytes, std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the body until it suspends or returns. Not from inside of a fiber.
  void resume();
  /// Comes back to whom called `resume`. Only from inside of this fiber.
  void suspend();
  /// True when the body has returned.
  [[nodiscard]] bool ended() const { return ended_; }

  [[nodiscard]] const Stack& stack() const { return stack_; }

 private:
  struct Entry;

  Stack stack_;
  std::function<void()> body_;
  void* context_;         ///< where the fiber goes on
  void* caller_context_;  ///< where `resume` goes on
  bool ended_ = false;

  // What AddressSanitizer needs to follow the switch.
  const void* caller_stack_bottom_ = nullptr;
  std::size_t caller_stack_size_ = 0;
  void* fake_stack_ = nullptr;
};

}  // namespace simulator::kernel
