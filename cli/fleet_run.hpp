#pragma once

#include <string>

#include "cli/failure.hpp"
#include "cli/fleet_options.hpp"

namespace fuota::cli {

/// Lets a fleet of simulated devices check at a server, download from it, or hold connections,
/// until its time is over, its checks are made, or SIGINT or SIGTERM comes. Prints how it goes to
/// standard error and what it came to to standard output. A failure when there was an error of any
/// kind.
[[nodiscard]] Result<std::string> simulate_fleet(const FleetOptions& options);

}  // namespace fuota::cli
