#pragma once

#include <cstdint>

namespace fuota::server::app {

/// What the kernel says about this process. A figure that can't be read is 0.
struct ProcessFigures {
  double cpu_seconds = 0;  ///< User and system, since the start.
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;
  std::uint64_t threads = 0;
};

/// Reads a few files of /proc; that takes some ten microseconds, and longer with thousands of open
/// descriptors.
[[nodiscard]] ProcessFigures read_process_figures();

}  // namespace fuota::server::app
