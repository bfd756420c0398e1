#include "enrolment.hpp"

#include <gtest/gtest.h>

#include <set>

namespace fuota::update {
namespace {

struct FirstCase {
  TokenState token;
  CheckStep step;
};

class FirstStep : public testing::TestWithParam<FirstCase> {};

TEST_P(FirstStep, FollowsFromTheToken) {
  EXPECT_EQ(first_step(GetParam().token), GetParam().step);
}

INSTANTIATE_TEST_SUITE_P(Rows, FirstStep,
                         testing::Values(FirstCase{TokenState::none, CheckStep::draw},
                                         FirstCase{TokenState::made, CheckStep::enrol},
                                         FirstCase{TokenState::accepted, CheckStep::ask}));

struct NextCase {
  CheckStep step;
  Code outcome;
  CheckStep next;
};

class NextStep : public testing::TestWithParam<NextCase> {};

TEST_P(NextStep, FollowsFromTheOutcome) {
  EXPECT_EQ(next_step(GetParam().step, GetParam().outcome), GetParam().next);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NextStep,
    testing::Values(NextCase{CheckStep::draw, Code::updated, CheckStep::enrol},
                    NextCase{CheckStep::draw, Code::nvs, CheckStep::over},
                    NextCase{CheckStep::enrol, Code::updated, CheckStep::ask_at_last},
                    NextCase{CheckStep::enrol, Code::fleet_key_refused, CheckStep::ask_at_last},
                    NextCase{CheckStep::enrol, Code::other_token, CheckStep::over},
                    NextCase{CheckStep::enrol, Code::no_answer, CheckStep::over},
                    NextCase{CheckStep::enrol, Code::server_error, CheckStep::over},
                    NextCase{CheckStep::ask, Code::credentials_refused, CheckStep::enrol_again},
                    NextCase{CheckStep::ask, Code::updated, CheckStep::over},
                    NextCase{CheckStep::ask, Code::no_update, CheckStep::over},
                    NextCase{CheckStep::ask, Code::no_answer, CheckStep::over},
                    NextCase{CheckStep::enrol_again, Code::updated, CheckStep::ask_at_last},
                    NextCase{CheckStep::enrol_again, Code::fleet_key_refused, CheckStep::over},
                    NextCase{CheckStep::enrol_again, Code::other_token, CheckStep::over},
                    NextCase{CheckStep::ask_at_last, Code::updated, CheckStep::over},
                    NextCase{CheckStep::ask_at_last, Code::credentials_refused, CheckStep::over}));

/// Whatever the server answers: a device that is turned away must not ask on.
TEST(CheckSteps, AreMadeOnceEachAtMost) {
  for (const TokenState token : {TokenState::none, TokenState::made, TokenState::accepted}) {
    std::set<CheckStep> reached = {first_step(token)};
    std::set<CheckStep> steps = reached;
    while (!reached.empty()) {
      std::set<CheckStep> next;
      for (const CheckStep step : reached) {
        for (int code = 0; code <= static_cast<int>(Code::no_memory); ++code) {
          const CheckStep following = next_step(step, static_cast<Code>(code));
          if (following != CheckStep::over) next.insert(following);
        }
      }
      for (const CheckStep step : next) EXPECT_TRUE(steps.insert(step).second);
      reached = next;
    }
  }
}

TEST(OutcomeOfACheck, IsWhyThereAreNoOtherCredentials) {
  EXPECT_EQ(outcome_of_check(Code::credentials_refused, Code::updated), Code::credentials_refused);
  EXPECT_EQ(outcome_of_check(Code::credentials_refused, Code::fleet_key_refused),
            Code::fleet_key_refused);
  EXPECT_EQ(outcome_of_check(Code::no_update, Code::fleet_key_refused), Code::no_update);
  EXPECT_EQ(outcome_of_check(Code::other_token, Code::other_token), Code::other_token);
}

}  // namespace
}  // namespace fuota::update
