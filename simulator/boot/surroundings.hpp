#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator::boot {

enum class LogLevel { error, warning, info };

/// Where the code that ESP-IDF's bootloader and its applications share is running: there its lines
/// go to a log, and what it does takes time.
class Surroundings {
 public:
  virtual ~Surroundings() = default;

  virtual void log(LogLevel level, std::string_view tag, const std::string& message) = 0;
  /// Lets the time of the chip pass.
  virtual void spend(std::int64_t duration_us) = 0;
};

}  // namespace simulator::boot
