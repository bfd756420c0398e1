#pragma once

#include <cstdint>

#include "freertos/FreeRTOS.h"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

constexpr std::int64_t kTickUs = 1'000'000 / configTICK_RATE_HZ;

/// Ticks since power-on, without FreeRTOS's wrap at 2^32.
inline std::int64_t ticks_now() {
  return Scheduler::current().now_us() / kTickUs;
}

/// When a wait that begins now ends: with the tick interrupt that makes the count grow by `ticks`.
/// portMAX_DELAY means never.
inline std::int64_t end_of_wait_us(TickType_t ticks) {
  return ticks == portMAX_DELAY ? kNever : (ticks_now() + ticks) * kTickUs;
}

}  // namespace simulator::kernel
