#include "app_steps.hpp"

namespace fuota::app {
namespace {

struct Row {
  Step step;
  const char* name;
  Step after[kOutcomes];  ///< by Outcome: done, nothing, fatal
};

constexpr Step kFatal = Step::wait_on_fatal;

// A connection is left before anything else happens, fatal errors included: the radio would go on
// drawing current, and the AP holding our place.
constexpr Row kRows[kSteps] = {
    {Step::settle_trial, "SETTLE_TRIAL", {Step::wait_at_start, Step::restart, kFatal}},
    {Step::wait_at_start, "WAIT_AT_START", {Step::set_up, Step::set_up, kFatal}},
    {Step::set_up, "SET_UP", {Step::scan, kFatal, kFatal}},
    {Step::scan, "SCAN", {Step::connect, Step::wait, kFatal}},
    {Step::connect, "CONNECT", {Step::update, Step::wait, kFatal}},
    {Step::update,
     "UPDATE",
     {Step::disconnect_to_restart, Step::disconnect, Step::disconnect_on_fatal}},
    {Step::disconnect, "DISCONNECT", {Step::wait, Step::wait, kFatal}},
    {Step::wait, "WAIT", {Step::scan, Step::scan, kFatal}},
    {Step::disconnect_to_restart,
     "DISCONNECT_TO_RESTART",
     {Step::restart, Step::restart, Step::restart}},
    {Step::disconnect_on_fatal, "DISCONNECT_ON_FATAL", {kFatal, kFatal, kFatal}},
    {Step::wait_on_fatal, "WAIT_ON_FATAL", {Step::restart, Step::restart, Step::restart}},
    {Step::restart, "RESTART", {Step::restart, Step::restart, Step::restart}},
};

constexpr bool is_ordered_by_step() {
  for (std::size_t i = 0; i < kSteps; ++i) {
    if (static_cast<std::size_t>(kRows[i].step) != i) return false;
  }
  return true;
}
static_assert(is_ordered_by_step(), "every step has its row, in order");

}  // namespace

Step next_step(Step step, Outcome outcome) {
  return kRows[static_cast<std::size_t>(step)].after[static_cast<std::size_t>(outcome)];
}

std::uint32_t pause_s(std::uint32_t wait_s, bool on_trial) {
  constexpr std::uint32_t kOnTrialS = 30;
  return on_trial && wait_s > kOnTrialS ? kOnTrialS : wait_s;
}

const char* name(Step step) {
  return kRows[static_cast<std::size_t>(step)].name;
}

}  // namespace fuota::app
