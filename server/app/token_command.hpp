#pragma once

namespace fuota::server::app {

/// `fuota-server token add|remove|list`: API tokens of accounts, directly in the data directory,
/// beside a server that may be running. A new token is printed this once. The status of the
/// program.
[[nodiscard]] int run_token_command(int argc, char** argv);

/// `fuota-server fleet-key add|remove|list`: what devices enrol with, likewise.
[[nodiscard]] int run_fleet_key_command(int argc, char** argv);

}  // namespace fuota::server::app
