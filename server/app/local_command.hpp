#pragma once

#include <CLI/App.hpp>
#include <algorithm>
#include <span>

#include "server/app/command_options.hpp"
#include "server/app/local_operator.hpp"

namespace fuota::server::app {

/// A command of a group such as `fuota-server user`, which changes accounts or keys, or lists them.
/// `Options` holds what its flags say, and has a member `directory`: the data directory.
template <typename Options>
struct LocalCommand {
  const char* name;
  const char* help;
  void (*add_options)(CLI::App& command, Options& options);
  int (*run)(storage::Store& store, const Options& options);  ///< The program's exit status.
  bool begins = false;  ///< Makes a data directory where there is none, for a server to come.
};

/// Reads the flags of a group of commands, and runs the one that they name. `app` describes the
/// group, and is new. The program's exit status: 0; 1 when the command failed, or the data can't be
/// opened; 2 when the flags are wrong.
template <typename Options>
[[nodiscard]] int run_local_command(std::span<const LocalCommand<Options>> commands, CLI::App& app,
                                    int argc, char** argv) {
  Options options;
  add_data_directory(app, options.directory);
  app.require_subcommand(1);
  app.fallthrough();
  for (const LocalCommand<Options>& command : commands) {
    command.add_options(*app.add_subcommand(command.name, command.help), options);
  }
  if (const auto status = parse_command(app, argc, argv)) return *status;
  const auto named = std::ranges::find_if(commands, [&](const LocalCommand<Options>& command) {
    return app.got_subcommand(command.name);
  });  // The parser demands one of them.
  if (!named->begins) {
    if (const auto status = require_data(options.directory)) return *status;
  }
  const auto store = open_beside_server(options.directory);
  if (!store) return fail(store.error());
  return named->run(**store, options);
}

}  // namespace fuota::server::app
