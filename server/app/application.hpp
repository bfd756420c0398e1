#pragma once

#include "server/app/configuration.hpp"

namespace fuota::server::app {

/// Opens everything in its order, serves until SIGTERM or SIGINT, closes everything. Returns the
/// exit status: 0 after a stop that was asked for; 1 when it can't start, with one line on standard
/// error that says why and what to do.
[[nodiscard]] int run_application(Configuration configuration);

}  // namespace fuota::server::app
