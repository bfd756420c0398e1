// An image that failed its trial rests (CONFIG_FUOTA_B_FAILED_IMAGE_REST_S: a day).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using Kind = ServedRequest::Kind;

static_assert(CONFIG_FUOTA_B_FAILED_IMAGE_REST_S == 86'400, "a day, as these tests wait");

void crash() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  ESP_ERROR_CHECK(ESP_FAIL);
}

class FailedImage : public testing::Test {
 protected:
  FailedImage() {
    device_.set_new_image(&crash);
    device_.offer(draft_);
    EXPECT_TRUE(device_.run_until([this] { return device_.runs("ota_1"); }, 5 * kMinuteUs));
    EXPECT_TRUE(device_.run_until([this] { return device_.runs("ota_0"); }, 5 * kMinuteUs));
    // A check each half an hour is enough for days.
    device_.server().set_retry_after(1800);
  }

  ReleaseDraft draft_ = NativeDevice::release("0.1.1");
  NativeDevice device_;
};

TEST_F(FailedImage, IsNotFetchedAgainWithinADay) {
  (void)device_.board().run(23 * kHourUs);
  EXPECT_GE(device_.count(Kind::check), 30U);
  EXPECT_EQ(device_.count(Kind::file), 1U);
  EXPECT_EQ(device_.boots_of_new_image(), 1U);
  EXPECT_TRUE(device_.board().printed("Not installed: the offered image failed its trial here"))
      << device_.board().transcript();
  EXPECT_THAT(device_.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_panic"));
}

TEST_F(FailedImage, IsTriedAgainAfterADayAndTellsThatStoryAgain) {
  (void)device_.board().run(26 * kHourUs);
  EXPECT_EQ(device_.boots_of_new_image(), 2U);
  EXPECT_EQ(device_.count(Kind::file), 2U);
  EXPECT_THAT(device_.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_panic",
                          "downloading", "installed", "rolled_back: rolled_back_panic"))
      << device_.board().transcript();
  device_.expect_no_gap();
}

TEST_F(FailedImage, RestsAnewAfterAPowerLoss) {
  (void)device_.board().run(23 * kHourUs);
  (void)device_.cut_and_run(23 * kHourUs);
  EXPECT_EQ(device_.count(Kind::file), 1U) << device_.board().transcript();
  EXPECT_EQ(device_.boots_of_new_image(), 1U);
}

TEST_F(FailedImage, IsTriedAgainAtOnceWhenItIsDeployedAnew) {
  (void)device_.board().run(kHourUs);
  ASSERT_EQ(device_.boots_of_new_image(), 1U);
  device_.set_new_image({});
  device_.offer(draft_);
  (void)device_.board().run(kHourUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  EXPECT_THAT(device_.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_panic",
                          "downloading", "installed", "confirmed"));
  ASSERT_EQ(device_.reports().size(), 6U);
  EXPECT_EQ(device_.reports()[2].deployment.view(), "deployment-1");
  EXPECT_EQ(device_.reports()[3].deployment.view(), "deployment-2");
}

TEST_F(FailedImage, ThatFailsUnderTheNextDeploymentRestsUnderThatToo) {
  device_.offer(draft_);
  (void)device_.board().run(22 * kHourUs);
  EXPECT_EQ(device_.boots_of_new_image(), 2U) << device_.board().transcript();
  EXPECT_EQ(device_.count(Kind::file), 2U);
}

TEST_F(FailedImage, KeepsNoOtherImageAway) {
  device_.set_new_image({});
  device_.offer(NativeDevice::release("0.1.2"));
  (void)device_.board().run(kHourUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
}

/// Nor does it hold up one that comes and goes.
TEST_F(FailedImage, RestsNoLongerOnceAnotherWasInstalled) {
  device_.set_new_image({});
  device_.offer(NativeDevice::release("0.1.2"));
  (void)device_.board().run(kHourUs);
  ASSERT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  device_.offer(draft_);
  (void)device_.board().run(kHourUs);
  EXPECT_TRUE(device_.has_confirmed("ota_0")) << device_.board().transcript();
}

}  // namespace
}  // namespace fuota::test
