#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

/// Where the power of the chip can be cut: at every operation that changes what survives a reboot.
namespace simulator::flash {

enum class OperationKind { write, erase, nvs_commit };

struct Operation {
  std::uint64_t index = 0;  ///< 0 for the first operation of this FlashChip object, no gaps
  OperationKind kind = OperationKind::write;
  std::uint32_t address = 0;  ///< in the flash; of the partition for nvs_commit
  std::size_t length = 0;     ///< bytes
};

/// What happens to the power at an operation.
enum class Fault {
  none,        ///< nothing: the operation is done
  cut_before,  ///< the power goes before anything changes
  cut_during,  ///< the operation is left torn, see FlashChip
  cut_after,   ///< the operation is done, and the power goes before anything else happens
};

/// Asked once at the beginning of each operation, on the stack of whoever does it, so it must not
/// block and must not operate on the flash.
using FaultHook = std::function<Fault(const Operation&)>;

/// Whether the power is still on after an operation. A task of a running session never sees
/// `lost`: the session ends inside the operation. Everybody else (the bootloader above all) has to
/// stop there and hand the outcome on to its caller.
enum class [[nodiscard]] Power{on, lost};

}  // namespace simulator::flash
