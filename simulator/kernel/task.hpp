#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "simulator/kernel/fiber.hpp"
#include "simulator/kernel/heap.hpp"

namespace simulator::kernel {

class WaitList;

/// A FreeRTOS task. The scheduler owns it and alone changes what it schedules by.
class Task {
 public:
  enum class State { ready, running, blocked, suspended };

  /// On the host, mbedTLS, printf and the sanitizers need far more stack than the same calls need
  /// on the chip. The pages are mapped when they are touched.
  static constexpr std::size_t kHostStackBytesMin = std::size_t{512} * 1024;
  static constexpr std::size_t kHostStackFactor = 8;
  static constexpr std::size_t kNameCharsMax = 15;

  Task(std::uint32_t number, std::string_view name, std::size_t stack_bytes, unsigned priority,
       std::function<void()> body);
  ~Task();
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// Bytes of the chip's stack that were never used. Host frames are larger than the chip's, so the
  /// true figure is higher.
  [[nodiscard]] std::size_t stack_never_used_bytes() const;

  const std::uint32_t number;  ///< unique in the session, from 1
  const std::string name;
  const std::size_t stack_bytes;  ///< as asked for

  unsigned base_priority;
  unsigned priority;  ///< the effective one: raised while it holds a mutex that others want
  State state = State::ready;

  /// The task's one notification (configTASK_NOTIFICATION_ARRAY_ENTRIES is 1 in ESP-IDF).
  struct Notification {
    enum class State { none, waiting, received };
    State state = State::none;
    std::uint32_t value = 0;
  } notification;
  unsigned mutexes_held = 0;
  /// What it waits for in an event group.
  struct EventWait {
    std::uint32_t bits = 0;
    bool all = false;
    bool clear = false;
    bool ended = false;  ///< by the group, not by the time
    std::uint32_t result = 0;
  } event_wait;
  unsigned critical_nesting = 0;
  unsigned switch_lock_nesting = 0;
  HeapBlock memory;  ///< what it takes of the chip's heap

  // The scheduler's own.
  Fiber fiber;
  WaitList* waiting_in = nullptr;
  std::uint64_t timeout_id = 0;  ///< the alarm that ends the wait; 0: none
  bool timed_out = false;
  unsigned passed_over = 0;  ///< scheduling points since it became ready
};

}  // namespace simulator::kernel
