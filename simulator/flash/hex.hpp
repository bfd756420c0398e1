#pragma once

#include <cstdint>
#include <string>

namespace simulator::flash {

/// "0x8000": addresses and sizes as messages show them.
[[nodiscard]] std::string hex(std::uint64_t value);

}  // namespace simulator::flash
