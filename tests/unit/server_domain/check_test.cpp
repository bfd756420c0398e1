#include "server/domain/check.hpp"

#include <gtest/gtest.h>

namespace fuota::server::domain {
namespace {

struct Row {
  const char* fact;
  bool known;
  const char* assigned_version;
  const char* reported_version;
  bool file_exists;
  CheckOutcome outcome;
};

class DecideCheck : public testing::TestWithParam<Row> {};

TEST_P(DecideCheck, FollowsTheRule) {
  const Row& row = GetParam();
  CheckFacts facts;
  if (row.known) facts.device = Device{"00001", row.assigned_version, "app.bin"};
  if (row.file_exists) facts.file.emplace();
  EXPECT_EQ(decide_check(facts, row.reported_version), row.outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DecideCheck,
    testing::Values(
        Row{"TheAssignedVersionIsOfferedTheFile", true, "0.1.0", "0.1.0", true,
            CheckOutcome::offer},
        Row{"AnotherVersionIsOfferedNothing", true, "0.1.0", "0.1.1", true, CheckOutcome::nothing},
        Row{"VersionsAreComparedAsText", true, "0.1.0", "0.1", true, CheckOutcome::nothing},
        Row{"CaseMatters", true, "v1", "V1", true, CheckOutcome::nothing},
        Row{"AMissingFileIsTold", true, "0.1.0", "0.1.0", false, CheckOutcome::missing_file},
        Row{"AMissingFileDoesNotMatterForAnotherVersion", true, "0.1.0", "0.1.1", false,
            CheckOutcome::nothing},
        Row{"AnUnknownDeviceIsTold", false, "", "0.1.0", false, CheckOutcome::unknown_device}),
    [](const auto& row) { return row.param.fact; });

TEST(DecideCheckOfADevice, ThatRunsTheVeryContentOffersNothing) {
  CheckFacts facts;
  facts.device = Device{"00001", "0.1.0", "app.bin"};
  facts.file = AssignedFile{{1, 2, 3}, 3, "", ""};
  EXPECT_EQ(decide_check(facts, "0.1.0", ContentDigest{1, 2, 3}), CheckOutcome::nothing);
  EXPECT_EQ(decide_check(facts, "0.1.0", ContentDigest{1, 2, 4}), CheckOutcome::offer);
}

}  // namespace
}  // namespace fuota::server::domain
