// The initialisation of function-local static objects, as firmware's tasks have to do it: one task
// initialises, the others wait (ESP-IDF: cxx/cxx_guards.cpp). The names are those that
// cmake/firmware.cmake gives to the references.

#include <cstdint>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

namespace {

/// What a guard variable of the Itanium C++ ABI holds: the compiler's code reads the first byte.
struct Guard {
  std::uint8_t initialised;
  std::uint8_t in_progress;
};

}  // namespace

extern "C" {

/// 1 when the caller has to initialise the object, 0 when somebody has done it.
int device_static___cxa_guard_acquire(Guard* guard) {
  while (guard->in_progress != 0) vTaskDelay(1);
  if (guard->initialised != 0) return 0;
  guard->in_progress = 1;
  return 1;
}

void device_static___cxa_guard_release(Guard* guard) {
  guard->initialised = 1;
  guard->in_progress = 0;
}

}  // extern "C"
