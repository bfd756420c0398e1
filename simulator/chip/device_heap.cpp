#include "simulator/chip/device_heap.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "simulator/kernel/misuse.hpp"

namespace simulator::chip {
namespace {

DeviceHeap* g_current = nullptr;

/// What ESP-IDF's allocator adds to each block (heap/multi_heap.c).
constexpr std::size_t kBlockOverheadBytes = 8;

/// Behind each block, to find out who writes there, and in it, so that nobody takes it for zeros:
/// as with CONFIG_HEAP_POISONING_COMPREHENSIVE (heap/multi_heap_poisoning.c).
constexpr std::size_t kGuardBytes = sizeof(std::max_align_t);
constexpr unsigned char kGuard = 0xFD;
constexpr unsigned char kFresh = 0xCE;

}  // namespace

DeviceHeap::DeviceHeap(kernel::Heap& model) : model_(model) {
  g_current = this;
}

DeviceHeap::~DeviceHeap() {
  g_current = nullptr;
  for (const auto& [address, block] : blocks_) check_guard(address, block);
}

DeviceHeap* DeviceHeap::current_or_null() {
  return g_current;
}

void* DeviceHeap::allocate(std::size_t bytes) {
  kernel::HeapBlock share(model_, bytes + kBlockOverheadBytes);
  if (!share.ok()) return nullptr;
  // Never nothing, so that each block has an address of its own.
  const std::size_t units = (bytes + kGuardBytes) / sizeof(std::max_align_t) + 1;
  auto memory = std::make_unique<std::max_align_t[]>(units);
  void* address = memory.get();
  std::memset(address, kFresh, bytes);
  std::memset(static_cast<unsigned char*>(address) + bytes, kGuard, kGuardBytes);
  blocks_.emplace(address, Block{std::move(memory), bytes, std::move(share)});
  ++allocations_;
  bytes_alive_ += bytes;
  bytes_alive_max_ = std::max(bytes_alive_max_, bytes_alive_);
  return address;
}

bool DeviceHeap::free(void* memory) {
  const auto found = blocks_.find(memory);
  if (found == blocks_.end()) return false;
  check_guard(memory, found->second);
  bytes_alive_ -= found->second.bytes;
  blocks_.erase(found);
  return true;
}

void DeviceHeap::check_guard(const void* memory, const Block& block) {
  const auto* guard = static_cast<const unsigned char*>(memory) + block.bytes;
  if (std::any_of(guard, guard + kGuardBytes, [](unsigned char byte) { return byte != kGuard; })) {
    kernel::misuse("free", "the firmware has written behind a block of memory");
  }
}

std::size_t DeviceHeap::size_of(void* memory) const {
  const auto found = blocks_.find(memory);
  return found == blocks_.end() ? 0 : found->second.bytes;
}

namespace {

void* allocate(std::size_t bytes) {
  return g_current != nullptr ? g_current->allocate(bytes) : std::malloc(bytes);
}

void release(void* memory) {
  if (memory == nullptr) return;
  if (g_current == nullptr || !g_current->free(memory)) std::free(memory);
}

/// Firmware is built without exceptions: its operator new ends in abort() instead.
void* allocate_or_abort(std::size_t bytes) {
  void* memory = allocate(bytes);
  if (memory != nullptr) return memory;
  std::fprintf(stderr, "firmware: operator new(%zu) failed\n", bytes);
  std::abort();
}

}  // namespace
}  // namespace simulator::chip

// The names that cmake/firmware.cmake gives to the firmware's references: "device_heap_" and the
// symbol of the C or C++ library.
extern "C" {

void* device_heap_malloc(std::size_t bytes) {
  return simulator::chip::allocate(bytes);
}

void* device_heap_calloc(std::size_t count, std::size_t bytes) {
  if (bytes != 0 && count > SIZE_MAX / bytes) return nullptr;
  void* memory = simulator::chip::allocate(count * bytes);
  if (memory != nullptr) std::memset(memory, 0, count * bytes);
  return memory;
}

void* device_heap_realloc(void* memory, std::size_t bytes) {
  using simulator::chip::DeviceHeap;
  DeviceHeap* heap = DeviceHeap::current_or_null();
  if (heap == nullptr) return std::realloc(memory, bytes);
  void* larger = heap->allocate(bytes);
  if (larger == nullptr || memory == nullptr) return larger;
  std::memcpy(larger, memory, std::min(bytes, heap->size_of(memory)));
  simulator::chip::release(memory);
  return larger;
}

void device_heap_free(void* memory) {
  simulator::chip::release(memory);
}

void* device_heap__Znwm(std::size_t bytes) {
  return simulator::chip::allocate_or_abort(bytes);
}
void* device_heap__Znam(std::size_t bytes) {
  return simulator::chip::allocate_or_abort(bytes);
}
void* device_heap__ZnwmRKSt9nothrow_t(std::size_t bytes, const std::nothrow_t&) {
  return simulator::chip::allocate(bytes);
}
void* device_heap__ZnamRKSt9nothrow_t(std::size_t bytes, const std::nothrow_t&) {
  return simulator::chip::allocate(bytes);
}
void device_heap__ZdlPv(void* memory) {
  simulator::chip::release(memory);
}
void device_heap__ZdaPv(void* memory) {
  simulator::chip::release(memory);
}
void device_heap__ZdlPvm(void* memory, std::size_t) {
  simulator::chip::release(memory);
}
void device_heap__ZdaPvm(void* memory, std::size_t) {
  simulator::chip::release(memory);
}
void device_heap__ZdlPvRKSt9nothrow_t(void* memory, const std::nothrow_t&) {
  simulator::chip::release(memory);
}
void device_heap__ZdaPvRKSt9nothrow_t(void* memory, const std::nothrow_t&) {
  simulator::chip::release(memory);
}

/// A chip never exits: ESP-IDF does not run destructors of static objects either.
int device_heap___cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}

}  // extern "C"
