#pragma once

namespace fuota::server::app {

/// `fuota-server user add|set-password|set-role|remove|list`: accounts, directly in the data
/// directory, beside a server that may be running. A password is read from the terminal or standard
/// input (secret_input.hpp). The status of the program.
[[nodiscard]] int run_user_command(int argc, char** argv);

}  // namespace fuota::server::app
