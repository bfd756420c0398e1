#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <optional>
#include <string>

namespace fuota::server::app {

/// Adds --data-dir, as the server has it.
void add_data_directory(CLI::App& app, std::filesystem::path& directory);

/// Adds --role, which must be given and name a role; `help` says whose.
void add_role(CLI::App& app, std::string& role, const std::string& help);

/// Reads the flags of a command. Nothing when all is well; otherwise what to say was said, and the
/// program ends with this status: 0 after help, 2 when the flags are wrong.
[[nodiscard]] std::optional<int> parse_command(CLI::App& app, int argc, char** argv);

/// Nothing when `directory` has a database. Otherwise that was said, with `remedy` for it, and the
/// program ends with this status: that of a command that failed.
[[nodiscard]] std::optional<int> require_data(
    const std::filesystem::path& directory,
    const std::string& remedy = "name the server's directory with --data-dir");

/// Says on standard error what went wrong: the status of a command that failed.
[[nodiscard]] int command_failed(const std::string& line);

}  // namespace fuota::server::app
