#include "tests/support/server/memory_fault.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace test_support {
namespace {

/// Allocations that other threads than the test's may still make; negative: as many as they like.
std::atomic<int> allocations_left{-1};
std::atomic<bool> refused{false};
thread_local bool is_test_thread = false;

}  // namespace

MemoryFault::MemoryFault(int allocations) {
  is_test_thread = true;
  refused = false;
  allocations_left = allocations;
}

MemoryFault::~MemoryFault() {
  allocations_left = -1;
}

bool MemoryFault::met() {
  return refused;
}

bool MemoryFault::may_allocate() {
  if (is_test_thread || allocations_left < 0) return true;
  int left = allocations_left;
  while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1)) {
  }
  if (left > 0) return true;
  refused = true;
  return false;
}

}  // namespace test_support

/// What Asio calls.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  void* memory = nullptr;
  if (!test_support::MemoryFault::may_allocate()) return nullptr;
  return ::posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

void* operator new(std::size_t bytes) {
  void* const memory = test_support::MemoryFault::may_allocate() ? std::malloc(bytes) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
