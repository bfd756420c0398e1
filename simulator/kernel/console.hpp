#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace simulator::kernel {

/// The chip's serial output: what the log and a panic print, line by line.
class Console {
 public:
  /// Gets each line without its end. It must not call into the simulator.
  using LineSink = std::function<void(std::string_view line)>;

  /// Without a sink the lines go to the process's standard output.
  explicit Console(LineSink sink);
  /// Passes on the rest of a line that was not ended.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  static Console& current();
  static Console* current_or_null();

  void write(std::string_view text);

 private:
  LineSink sink_;
  std::string line_;  ///< begun, not ended
};

}  // namespace simulator::kernel
