#pragma once

namespace fuota::server::app {

/// `fuota-server check`: see Command::run.
[[nodiscard]] int run_check(int argc, char** argv);

}  // namespace fuota::server::app
