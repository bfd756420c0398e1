#include "app_steps.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace fuota::app {

void PrintTo(Step step, std::ostream* out) {
  *out << name(step);
}

namespace {

struct StepCase {
  Step step;
  Outcome outcome;
  Step next;
};

class AppStep : public testing::TestWithParam<StepCase> {};

TEST_P(AppStep, LeadsTo) {
  EXPECT_EQ(next_step(GetParam().step, GetParam().outcome), GetParam().next);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, AppStep,
    testing::Values(StepCase{Step::settle_trial, Outcome::done, Step::wait_at_start},
                    StepCase{Step::settle_trial, Outcome::nothing, Step::restart},
                    StepCase{Step::wait_at_start, Outcome::done, Step::set_up},
                    StepCase{Step::set_up, Outcome::done, Step::scan},
                    StepCase{Step::scan, Outcome::done, Step::connect},
                    StepCase{Step::scan, Outcome::nothing, Step::wait},
                    StepCase{Step::wait, Outcome::done, Step::scan},
                    StepCase{Step::connect, Outcome::done, Step::update},
                    StepCase{Step::connect, Outcome::nothing, Step::wait},
                    StepCase{Step::update, Outcome::nothing, Step::disconnect},
                    StepCase{Step::disconnect, Outcome::done, Step::wait},
                    StepCase{Step::update, Outcome::done, Step::disconnect_to_restart},
                    StepCase{Step::disconnect_to_restart, Outcome::done, Step::restart},
                    StepCase{Step::disconnect_to_restart, Outcome::fatal, Step::restart},
                    StepCase{Step::update, Outcome::fatal, Step::disconnect_on_fatal},
                    StepCase{Step::disconnect_on_fatal, Outcome::fatal, Step::wait_on_fatal},
                    StepCase{Step::wait_on_fatal, Outcome::done, Step::restart}));

TEST(AppSteps, AnyFatalOutcomeEndsInARestart) {
  for (std::size_t i = 0; i < kSteps; ++i) {
    Step step = next_step(static_cast<Step>(i), Outcome::fatal);
    for (int hops = 0; step != Step::restart; ++hops) {
      ASSERT_LT(hops, 3) << name(static_cast<Step>(i));
      step = next_step(step, Outcome::done);
    }
  }
}

TEST(AppSteps, AnAbsentAccessPointNeverLeadsToARestart) {
  Step step = Step::scan;
  for (int hops = 0; hops < 100; ++hops) {
    step = next_step(step, step == Step::scan ? Outcome::nothing : Outcome::done);
    ASSERT_TRUE(step == Step::wait || step == Step::scan) << name(step);
  }
}

TEST(Pause, IsThePeriodOrLessOnTrial) {
  EXPECT_EQ(pause_s(86400, false), 86400U);
  EXPECT_EQ(pause_s(86400, true), 30U);
  EXPECT_EQ(pause_s(10, true), 10U);
}

}  // namespace
}  // namespace fuota::app
