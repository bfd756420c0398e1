#include "cli/fleet_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fleet_tally.hpp"

namespace fuota::cli {
namespace {

using testing::HasSubstr;

TEST(FleetTally, KeepsTheFirstExampleOfEachKindOfError) {
  FleetTally tally;
  FleetTally other;
  tally.count_error({FleetError::status, "HTTP 403"});
  tally.count_error({FleetError::status, "HTTP 500"});
  other.count_error({FleetError::connect, "refused"});
  other.count_error({FleetError::status, "HTTP 404"});
  tally.merge(other);
  EXPECT_EQ(tally.error_count(), 4U);
  EXPECT_THAT(summary(tally, 1), HasSubstr("3: HTTP 403"));
  EXPECT_THAT(summary(tally, 1), HasSubstr("1: refused"));
}

TEST(FleetComplaint, SaysWhatToDoAboutTheStatus) {
  FleetTally tally;
  EXPECT_EQ(complaint(tally), "");
  tally.statuses[403] = 1;
  tally.count_error({FleetError::status, "HTTP 403"});
  EXPECT_THAT(complaint(tally), HasSubstr("FUOTA_PASSWORD"));
}

}  // namespace
}  // namespace fuota::cli
