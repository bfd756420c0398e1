#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "cli/failure.hpp"

namespace fuota::cli {

/// Adds `simulate fleet` to the program's commands; `action` becomes what to do once all arguments
/// are known to be well-formed.
void add_simulate_commands(CLI::App& app, std::function<Result<std::string>()>& action);

}  // namespace fuota::cli
