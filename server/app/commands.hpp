#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fuota::server::app {

/// Something that the program does in place of serving: `fuota-server <name> …`.
struct Command {
  std::string_view name;
  std::string_view help;  ///< One line.

  /// Does it, with `argv[0]` being the name of the command; prints what there is to say. The status
  /// of the program: 0 when done, 1 when not, 2 when the flags are wrong.
  int (*run)(int argc, char** argv);
};

/// All commands, each in a file of its own.
[[nodiscard]] std::span<const Command> commands();

/// The command of `table` that the first argument names, or nullptr: then the program serves.
[[nodiscard]] const Command* find_command(std::span<const Command> table, int argc,
                                          char* const* argv);

/// A line for each command: name and help. Empty without any.
[[nodiscard]] std::string describe(std::span<const Command> table);

}  // namespace fuota::server::app
