#include "simulator/chip/firmware_memory.hpp"

#include <cstddef>

// The linker defines these where a program has such a section.
extern "C" {
extern std::uint8_t __start_firmware_ram[] __attribute__((weak));
extern std::uint8_t __stop_firmware_ram[] __attribute__((weak));
}

namespace simulator::chip {
namespace {

/// AddressSanitizer surrounds variables with memory that nobody may touch, and watches memcpy; this
/// copies all of it, byte by byte and unwatched.
__attribute__((no_sanitize("address"))) void copy(volatile std::uint8_t* to,
                                                  const volatile std::uint8_t* from,
                                                  std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i];
}

std::size_t ram_bytes() {
  if (__start_firmware_ram == nullptr) return 0;
  return static_cast<std::size_t>(__stop_firmware_ram - __start_firmware_ram);
}

}  // namespace

FirmwareMemory& FirmwareMemory::instance() {
  static FirmwareMemory memory;
  return memory;
}

FirmwareMemory::FirmwareMemory() : initial_(ram_bytes()) {
  copy(initial_.data(), __start_firmware_ram, initial_.size());
}

void FirmwareMemory::reset() {
  copy(__start_firmware_ram, initial_.data(), initial_.size());
}

}  // namespace simulator::chip
