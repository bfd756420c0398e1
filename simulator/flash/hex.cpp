#include "simulator/flash/hex.hpp"

#include <cinttypes>
#include <cstdio>

namespace simulator::flash {

std::string hex(std::uint64_t value) {
  char text[2 + 16 + 1];
  std::snprintf(text, sizeof text, "0x%" PRIx64, value);
  return text;
}

}  // namespace simulator::flash
