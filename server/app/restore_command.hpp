#pragma once

namespace fuota::server::app {

/// `fuota-server restore`: see Command::run.
[[nodiscard]] int run_restore(int argc, char** argv);

}  // namespace fuota::server::app
