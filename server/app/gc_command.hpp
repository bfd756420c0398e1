#pragma once

namespace fuota::server::app {

/// `fuota-server gc`: see Command::run.
[[nodiscard]] int run_gc(int argc, char** argv);

}  // namespace fuota::server::app
