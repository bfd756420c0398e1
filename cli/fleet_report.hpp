#pragma once

#include <cstdint>
#include <string>

#include "cli/fleet_options.hpp"
#include "cli/fleet_tally.hpp"

namespace fuota::cli {

/// One line about the last second of a run, with a line end.
[[nodiscard]] std::string progress_line(double elapsed_s, const FleetTally& last, double last_s,
                                        std::uint64_t errors, std::uint64_t in_flight);

/// What a run came to, for a person.
[[nodiscard]] std::string summary(const FleetTally& total, double elapsed_s);

/// The same for a program: one JSON object and a line end. Times are in milliseconds.
[[nodiscard]] std::string summary_json(const FleetOptions& options, const FleetTally& total,
                                       double elapsed_s);

/// What the errors of a run were and what to do about them: one line, empty when there were none.
[[nodiscard]] std::string complaint(const FleetTally& total);

}  // namespace fuota::cli
