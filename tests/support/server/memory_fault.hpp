#pragma once

namespace test_support {

/// As long as it lives, the other threads of this process find memory `allocations` times, and then
/// no more; a thread that has made one always does. A program that is linked with this
/// has operators new and delete and an aligned_alloc of its own, in place of the libraries'. One at
/// a time.
class MemoryFault {
 public:
  explicit MemoryFault(int allocations);
  MemoryFault(const MemoryFault&) = delete;
  MemoryFault& operator=(const MemoryFault&) = delete;
  ~MemoryFault();

  /// Whether memory was asked for and refused.
  [[nodiscard]] static bool met();

  /// Whether this thread may allocate now, which counts as an allocation.
  [[nodiscard]] static bool may_allocate();
};

/// Calls `attempt` with 0, 1 and so on, while memory ends after as many allocations, until there is
/// enough. False when there never is.
template <typename Attempt>
[[nodiscard]] bool try_at_each_allocation(Attempt attempt) {
  constexpr int kAllocationsMax = 5000;  // More than any call takes.
  for (int allocations = 0; allocations < kAllocationsMax; ++allocations) {
    const MemoryFault fault(allocations);
    attempt(allocations);
    if (!MemoryFault::met()) return true;
  }
  return false;
}

}  // namespace test_support
