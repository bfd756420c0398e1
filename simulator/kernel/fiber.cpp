#include "simulator/kernel/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "simulator/kernel/misuse.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace simulator::kernel {

namespace {

/// What the sanitizers are told about stacks and switches; nothing in builds without them.
#if defined(__SANITIZE_ADDRESS__)
void announce_switch(void** fake_stack, const void* bottom, std::size_t size) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, size);
}
void announce_arrival(void* fake_stack, const void** old_bottom, std::size_t* old_size) {
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_size);
}
void forget_frames(void* bottom, std::size_t size) {
  __asan_unpoison_memory_region(bottom, size);
}
#else
void announce_switch(void**, const void*, std::size_t) {}
void announce_arrival(void*, const void**, std::size_t*) {}
void forget_frames(void*, std::size_t) {}
#endif

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Unused stacks by size. Sessions come and go a thousand times in a power-cut test.
class StackPool {
 public:
  static StackPool& instance() {
    static StackPool pool;
    return pool;
  }

  ~StackPool() {
    for (const auto& [size, bottoms] : free_) {
      for (std::byte* bottom : bottoms) unmap(bottom, size);
    }
  }

  std::byte* take(std::size_t size) {
    {
      const std::lock_guard lock(mutex_);
      std::vector<std::byte*>& bottoms = free_[size];
      if (!bottoms.empty()) {
        std::byte* bottom = bottoms.back();
        bottoms.pop_back();
        return bottom;
      }
    }
    return map(size);
  }

  void give_back(std::byte* bottom, std::size_t size) {
    forget_frames(bottom, size);
    const std::lock_guard lock(mutex_);
    std::vector<std::byte*>& bottoms = free_[size];
    if (bottoms.size() == kKeptPerSizeMax || madvise(bottom, size, MADV_DONTNEED) != 0) {
      unmap(bottom, size);
    } else {
      bottoms.push_back(bottom);
    }
  }

 private:
  static constexpr std::size_t kKeptPerSizeMax = 64;

  static std::byte* map(std::size_t size) {
    void* memory = mmap(nullptr, size + page_bytes(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page_bytes(), PROT_NONE) != 0) {
      misuse("Stack", "the host has no memory for another stack");
    }
    return static_cast<std::byte*>(memory) + page_bytes();
  }

  static void unmap(std::byte* bottom, std::size_t size) {
    munmap(bottom - page_bytes(), size + page_bytes());
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<std::byte*>> free_;
};

}  // namespace

Stack::Stack(std::size_t bytes)
    : bottom_(nullptr), size_((bytes + page_bytes() - 1) / page_bytes() * page_bytes()) {
  bottom_ = StackPool::instance().take(size_);
}

Stack::~Stack() {
  StackPool::instance().give_back(bottom_, size_);
}

#if defined(__SANITIZE_ADDRESS__)
__attribute__((no_sanitize("address")))
#endif
std::size_t
Stack::used() const {
  // Reads what AddressSanitizer may have poisoned.
  const std::byte* top = bottom_ + size_;
  const std::byte* lowest = bottom_;
  while (lowest != top && *lowest == std::byte{0}) ++lowest;
  return static_cast<std::size_t>(top - lowest);
}

/// The part of `Fiber` that knows Boost.Context. Its lowest layer is used, since
/// boost::context::fiber would unwind a dropped stack by an exception, through frames that were
/// compiled without exceptions.
struct Fiber::Entry {
  using Transfer = boost::context::detail::transfer_t;

  static void run(Transfer from) noexcept {
    Fiber& fiber = *static_cast<Fiber*>(from.data);
    fiber.caller_context_ = from.fctx;
    announce_arrival(nullptr, &fiber.caller_stack_bottom_, &fiber.caller_stack_size_);
    errno = 0;
    fiber.body_();
    fiber.ended_ = true;
    announce_switch(nullptr, fiber.caller_stack_bottom_, fiber.caller_stack_size_);
    boost::context::detail::jump_fcontext(fiber.caller_context_, nullptr);
    misuse("Fiber", "an ended fiber was resumed");
  }
};

Fiber::Fiber(std::size_t stack_bytes, std::function<void()> body)
    : stack_(stack_bytes),
      body_(std::move(body)),
      context_(boost::context::detail::make_fcontext(stack_.bottom() + stack_.size(), stack_.size(),
                                                     &Entry::run)),
      caller_context_(nullptr) {}

Fiber::~Fiber() = default;

void Fiber::resume() {
  if (ended_) misuse("Fiber::resume", "the fiber has ended");
  void* fake_stack = nullptr;
  announce_switch(&fake_stack, stack_.bottom(), stack_.size());
  const Entry::Transfer back = boost::context::detail::jump_fcontext(context_, this);
  announce_arrival(fake_stack, nullptr, nullptr);
  context_ = back.fctx;
}

void Fiber::suspend() {
  const int saved_errno = errno;  // each task of ESP-IDF has its own
  announce_switch(&fake_stack_, caller_stack_bottom_, caller_stack_size_);
  const Entry::Transfer back = boost::context::detail::jump_fcontext(caller_context_, nullptr);
  announce_arrival(fake_stack_, &caller_stack_bottom_, &caller_stack_size_);
  caller_context_ = back.fctx;
  errno = saved_errno;
}

}  // namespace simulator::kernel
