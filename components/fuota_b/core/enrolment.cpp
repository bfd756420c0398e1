#include "enrolment.hpp"

namespace fuota::update {
namespace {

struct NextRow {
  CheckStep step;
  Code outcome;
  CheckStep next;
};

/// What isn't here ends the check.
constexpr NextRow kNext[] = {
    {CheckStep::draw, Code::updated, CheckStep::enrol},
    {CheckStep::enrol, Code::updated, CheckStep::ask_at_last},
    // The answer that took the token may have been lost, and the fleet key used up or expired
    // since.
    {CheckStep::enrol, Code::fleet_key_refused, CheckStep::ask_at_last},
    {CheckStep::ask, Code::credentials_refused, CheckStep::enrol_again},
    {CheckStep::enrol_again, Code::updated, CheckStep::ask_at_last},
};

}  // namespace

CheckStep first_step(TokenState token) {
  if (token == TokenState::none) return CheckStep::draw;
  return token == TokenState::made ? CheckStep::enrol : CheckStep::ask;
}

CheckStep next_step(CheckStep step, Code outcome) {
  for (const NextRow& row : kNext) {
    if (row.step == step && row.outcome == outcome) return row.next;
  }
  return CheckStep::over;
}

Code outcome_of_check(Code asked, Code enrolled) {
  return asked == Code::credentials_refused && enrolled != Code::updated ? enrolled : asked;
}

}  // namespace fuota::update
