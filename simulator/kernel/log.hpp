#pragma once

#include <map>
#include <string>
#include <string_view>

#include "esp_log.h"

namespace simulator::kernel {

/// The levels of the tags and the way out of esp_log.h.
class Log {
 public:
  Log();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  static Log& current();

  void set_level(std::string_view tag, esp_log_level_t level);
  [[nodiscard]] esp_log_level_t level(std::string_view tag) const;
  /// Returns the one before.
  vprintf_like_t set_output(vprintf_like_t function);
  [[nodiscard]] vprintf_like_t output() const { return output_; }

 private:
  esp_log_level_t default_level_ = ESP_LOG_INFO;
  std::map<std::string, esp_log_level_t, std::less<>> levels_;
  vprintf_like_t output_;
};

}  // namespace simulator::kernel
