#pragma once

namespace fuota::server::app {

/// `fuota-server backup`: see Command::run.
[[nodiscard]] int run_backup(int argc, char** argv);

}  // namespace fuota::server::app
