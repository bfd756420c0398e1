#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "tests/support/server/disk_fault.hpp"

namespace test_support {

/// What a server that is started with the library faulty_machine preloaded (LD_PRELOAD) meets, in
/// memory that it shares with the test: the file that FUOTA_MACHINE_FAULTS names.
struct MachineFaultState {
  DiskFaultState disk;
  std::atomic<std::int64_t> clock_ahead_s{0};
};

/// The machine of a server that has started with `file` as FUOTA_MACHINE_FAULTS.
class MachineFaults {
 public:
  /// Makes the file.
  explicit MachineFaults(const std::filesystem::path& file);
  MachineFaults(const MachineFaults&) = delete;
  MachineFaults& operator=(const MachineFaults&) = delete;
  ~MachineFaults();

  /// As a kernel does after an error of the disk: nothing in the directory can be written.
  void make_read_only(const std::filesystem::path& directory);

  void make_writable();

  /// Sets the wall clock so far ahead of what it would be; negative: behind. No other clock.
  void set_clock_ahead(std::chrono::seconds time);

 private:
  MachineFaultState* state_;
};

}  // namespace test_support
