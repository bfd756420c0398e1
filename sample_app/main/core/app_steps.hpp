#pragma once

#include <cstddef>
#include <cstdint>

/// The loop of the sample application as a table: no ESP-IDF, no clock.
namespace fuota::app {

enum class Step : std::uint8_t {
  settle_trial,  ///< NVS, and what became of a trial: nothing may come in between that restarts
  wait_at_start,
  set_up,      ///< network interface, event loop, settings
  scan,        ///< look for the update AP
  connect,     ///< connect to it
  update,      ///< ask the server, install what it has
  disconnect,  ///< leave the AP, go on
  wait,        ///< until the next scan
  disconnect_to_restart,
  disconnect_on_fatal,
  wait_on_fatal,  ///< time to read the log, and no fast restart loop
  restart,        ///< the last step
};
constexpr std::size_t kSteps = 12;

/// How a step ended.
enum class Outcome : std::uint8_t {
  done,
  nothing,  ///< it worked, but there is nothing to go on with: no AP, no update, no connection,
            ///< another image to be run
  fatal,    ///< something that only a restart can mend
};
constexpr std::size_t kOutcomes = 3;

/// What follows `step` when it ended with `outcome`.
[[nodiscard]] Step next_step(Step step, Outcome outcome);

/// How long to wait for the next check, in seconds, when it would be `wait_s`. An image on trial
/// does not wait long: it has to reach the server before its time is over.
[[nodiscard]] std::uint32_t pause_s(std::uint32_t wait_s, bool on_trial);

/// "SCAN". Static storage.
[[nodiscard]] const char* name(Step step);

}  // namespace fuota::app
