#include "server/domain/update_state.hpp"

#include <gtest/gtest.h>

#include <array>

#include "server/domain/running.hpp"

namespace fuota::server::domain {
namespace {

using protocol::ReportState;

constexpr ContentDigest kImage = {1};
constexpr ContentDigest kOtherImage = {2};

struct Row {
  std::optional<ReportState> reported;
  UpdateState state;
  std::string_view name;
};

constexpr std::array<Row, 6> kRows = {{
    {std::nullopt, UpdateState::offered, "offered"},
    {ReportState::downloading, UpdateState::downloading, "downloading"},
    {ReportState::installed, UpdateState::installed, "installed"},
    {ReportState::confirmed, UpdateState::confirmed, "confirmed"},
    {ReportState::rolled_back, UpdateState::rolled_back, "rolled_back"},
    {ReportState::failed, UpdateState::failed, "failed"},
}};

class UpdateStateOf : public testing::TestWithParam<Row> {};

TEST_P(UpdateStateOf, ADeviceThatHasNotSaidWhatItRunsIsWhatItReported) {
  EXPECT_EQ(decide_update_state({kImage, GetParam().reported, std::nullopt}), GetParam().state);
}

TEST_P(UpdateStateOf, ADeviceThatRunsAnotherImageIsWhatItReported) {
  EXPECT_EQ(decide_update_state({kImage, GetParam().reported, kOtherImage}), GetParam().state);
}

TEST_P(UpdateStateOf, ADeviceThatRunsTheImageIsDoneWhateverItReported) {
  EXPECT_EQ(decide_update_state({kImage, GetParam().reported, kImage}), UpdateState::done);
}

TEST_P(UpdateStateOf, EveryReportHasItsName) {
  EXPECT_EQ(name_of(GetParam().state), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Reports, UpdateStateOf, testing::ValuesIn(kRows));

TEST(UpdateStateDone, HasAName) {
  EXPECT_EQ(name_of(UpdateState::done), "done");
}

TEST(News, IsWhatIsNotKnownYetOrHasChanged) {
  const RunningImage image{"0.1.0", kImage};
  EXPECT_TRUE(is_news(std::nullopt, image));
  EXPECT_TRUE(is_news(Running{{"0.1.0", kOtherImage}, {}}, image));
  EXPECT_TRUE(is_news(Running{{"0.1.1", kImage}, {}}, image));
  EXPECT_FALSE(is_news(Running{image, {}}, image));
}

}  // namespace
}  // namespace fuota::server::domain
