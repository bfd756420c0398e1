#pragma once

#include "esp_system.h"

namespace simulator::kernel {

/// What abort() does on the chip: prints the panic and ends the session with StopReason::panic.
/// From a task only.
[[noreturn]] void panic();

/// The same for hardware that finds the task hanging: returns, and the session ends before the next
/// task runs. `reason` is what the next session is told.
void panic_from_callback(esp_reset_reason_t reason);

}  // namespace simulator::kernel
