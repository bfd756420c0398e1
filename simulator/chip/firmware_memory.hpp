#pragma once

#include <cstdint>
#include <vector>

namespace simulator::chip {

/// The memory of the variables of the firmware that this program was linked with
/// (cmake/firmware.cmake): on the chip, each boot finds them as the image says; here, they have to
/// be put back. One per process, made before the firmware runs first.
class FirmwareMemory {
 public:
  /// That of this program. Takes note of the initial values when called first.
  static FirmwareMemory& instance();

  /// Gives all variables their initial values. No code of the firmware may be running.
  void reset();

  /// How much static RAM the firmware takes; 0 in a program without firmware.
  [[nodiscard]] std::size_t size_bytes() const { return initial_.size(); }

 private:
  FirmwareMemory();

  std::vector<std::uint8_t> initial_;
};

}  // namespace simulator::chip
