// The power fails at every operation on flash while a device enrols.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/simulation/native/every_cut.hpp"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using Kind = ServedRequest::Kind;

constexpr const char* kFleetKey = "fuf_0123456789";

void enrol_at(NativeDevice& device) {
  device.board().provision({{"fleet_key", std::string(kFleetKey)}});
  device.server().set_fleet_key(kFleetKey, 1);
  device.server().take_shared_user(false);
}

struct LifeCase {
  const char* title;
  void (*prepare)(NativeDevice& device);
};

class PowerCutInAnEnrolment : public testing::TestWithParam<LifeCase> {};

/// The fleet key is good for one enrolment: a second token would lock the device out.
TEST_P(PowerCutInAnEnrolment, LeavesOneTokenThatTheServerKnows) {
  for_each_cut(GetParam().prepare, 4 * kMinuteUs, [](NativeDevice& device) {
    const std::string token = device.server().token(NativeDevice::kId);
    EXPECT_THAT(token, testing::SizeIs(47));
    EXPECT_THAT(device.server().posted_tokens(), testing::Each(token));
    const std::size_t checks = device.count(Kind::check);
    const std::size_t enrolments = device.count(Kind::enrolment);
    EXPECT_GE(checks, 1U);
    (void)device.board().run(2 * kMinuteUs);
    EXPECT_GT(device.count(Kind::check), checks);
    EXPECT_EQ(device.count(Kind::enrolment), enrolments) << "it is known to have enrolled";
  });
}

INSTANTIATE_TEST_SUITE_P(Rows, PowerCutInAnEnrolment,
                         testing::Values(LifeCase{"Answered", &enrol_at},
                                         LifeCase{"FirstAnswerLost",
                                                  [](NativeDevice& device) {
                                                    enrol_at(device);
                                                    device.server().spoil_with(
                                                        [is_lost = false](
                                                            const ServedRequest& request) mutable {
                                                          AnswerFault fault;
                                                          if (request.kind != Kind::enrolment ||
                                                              is_lost) {
                                                            return fault;
                                                          }
                                                          is_lost = true;
                                                          fault.kind = AnswerFault::Kind::closed;
                                                          return fault;
                                                        });
                                                  }}),
                         [](const auto& row) { return row.param.title; });

TEST(EnrolledSampleApp, IsUpdatedAndItsNewImageConfirmed) {
  NativeDevice device;
  enrol_at(device);
  device.offer(NativeDevice::release("0.1.1"));
  EXPECT_TRUE(device.run_until([&device] { return device.has_confirmed("ota_1"); }, 10 * kMinuteUs))
      << device.board().transcript();
  EXPECT_EQ(device.server().turned_away(), 0U);
  EXPECT_EQ(device.count(Kind::enrolment), 1U);
}

/// The new image can't reach its server, as long as nobody has mended that.
TEST(EnrolledSampleApp, RollsBackWhereTheServerNoLongerKnowsIt) {
  NativeDevice device;
  enrol_at(device);
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&device] { return device.runs("ota_1"); }, 10 * kMinuteUs));
  device.server().remove_token(NativeDevice::kId);
  EXPECT_TRUE(device.run_until([&device] { return device.runs("ota_0"); }, 20 * kMinuteUs));
  EXPECT_TRUE(device.board().printed("Update failed: fleet_key: fleet key refused"));
}

}  // namespace
}  // namespace fuota::test
