#pragma once

#include <cstdint>

namespace simulator::boot {

enum class LogLevel { error, warning, info };

/// Where the code that ESP-IDF's bootloader and its applications share is running: there its lines
/// go to a log, and what it does takes time.
class Surroundings {
 public:
  virtual ~Surroundings() = default;

  /// `tag` and `message` end with a NUL. Other tasks may run meanwhile, and this one may be dropped
  /// here.
  virtual void log(LogLevel level, const char* tag, const char* message) = 0;
  /// Lets the time of the chip pass. The same is true.
  virtual void spend(std::int64_t duration_us) = 0;
};

}  // namespace simulator::boot
