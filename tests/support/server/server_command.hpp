#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace test_support {

/// What a command of fuota-server has said, and how it has ended.
struct CommandOutcome {
  int status = -1;  ///< Of the program, or -1 when a signal ended it.
  std::string out;
  std::string error;
};

/// Runs `fuota-server <arguments>` to its end, with `input` at its standard input. Its outputs go
/// through files in `folder`.
[[nodiscard]] CommandOutcome run_server_command(const std::filesystem::path& folder,
                                                std::vector<std::string> arguments,
                                                const std::string& input = "");

}  // namespace test_support
