// The power fails at every operation on flash while reports are kept and delivered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs.h"
#include "nvs_flash.h"
#include "tests/simulation/native/every_cut.hpp"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using Kind = ServedRequest::Kind;

void crash() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  ESP_ERROR_CHECK(ESP_FAIL);
}

const ReleaseDraft& update() {
  static const ReleaseDraft draft = NativeDevice::release("0.1.1");
  return draft;
}

const ReleaseDraft& of_another_product() {
  static const ReleaseDraft draft = [] {
    ReleaseDraft spoiled = NativeDevice::release("0.1.1");
    (void)spoiled.manifest.product.assign("sensor");
    return spoiled;
  }();
  return draft;
}

void take_no_reports(NativeDevice& device) {
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::report ? status_fault(503) : AnswerFault{};
  });
}

struct LifeCase {
  const char* title;
  /// Up to where the cuts begin.
  void (*prepare)(NativeDevice& device);
  /// How long the device needs from there, left alone.
  int minutes;
  /// What the server has in the end, in order.
  std::vector<std::string> story;
  const char* runs;
};

class PowerCutAmongReports : public testing::TestWithParam<LifeCase> {};

TEST_P(PowerCutAmongReports, LosesNoneAndTellsNoneTwice) {
  const LifeCase& row = GetParam();
  for_each_cut([&row](NativeDevice& device) { row.prepare(device); }, row.minutes * kMinuteUs,
               [&row](NativeDevice& device) {
                 EXPECT_TRUE(device.runs(row.runs));
                 device.expect_no_gap();
                 EXPECT_THAT(device.story(), testing::ElementsAreArray(row.story));
               });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PowerCutAmongReports,
    testing::Values(LifeCase{"Update",
                             [](NativeDevice& device) { device.offer(update()); },
                             10,
                             {"downloading", "installed", "confirmed"},
                             "ota_1"},
                    LifeCase{"Failure",
                             [](NativeDevice& device) { device.offer(of_another_product()); },
                             5,
                             {"failed: product"},
                             "ota_0"},
                    LifeCase{"Delivery",
                             [](NativeDevice& device) {
                               take_no_reports(device);
                               device.offer(update());
                               (void)device.run_until([&] { return device.has_confirmed("ota_1"); },
                                                      10 * kMinuteUs);
                               // Beyond the check, whose reports are not taken, and which is over
                               // then.
                               (void)device.board().run(10 * kSecondUs);
                               device.server().spoil_with({});
                             },
                             5,
                             {"downloading", "installed", "confirmed"},
                             "ota_1"},
                    LifeCase{"RollBack",
                             [](NativeDevice& device) {
                               device.set_new_image(&crash);
                               device.offer(update());
                               (void)device.run_until([&] { return device.runs("ota_1"); },
                                                      10 * kMinuteUs);
                             },
                             10,
                             {"downloading", "installed", "rolled_back: rolled_back_panic"},
                             "ota_0"}),
    [](const auto& row) { return row.param.title; });

/// Whether a report lies in NVS; whether it was taken note of is another matter.
bool has_kept_a_report(NativeDevice& device) {
  bool found = false;
  device.run_aside([&found] {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    std::size_t bytes = 0;
    found = nvs_open("fuota_b", NVS_READONLY, &handle) == ESP_OK &&
            nvs_get_blob(handle, "report1", nullptr, &bytes) == ESP_OK;
  });
  return found;
}

/// What it was about does not come again, so that nothing makes up for its loss.
TEST(PowerCutBehindAReport, LeavesWhatIsKeptToBeDelivered) {
  bool is_kept = true;
  unsigned kept = 0;
  for_each_cut(
      [](NativeDevice& device) {
        take_no_reports(device);
        device.offer(of_another_product());
      },
      3 * kMinuteUs,
      [&is_kept](NativeDevice& device) {
        device.server().spoil_with({});
        device.server().withdraw(NativeDevice::kId);
        (void)device.board().run(kHourUs);
        const bool is_delivered = device.story() == std::vector<std::string>{"failed: product"};
        EXPECT_EQ(is_delivered, is_kept);
      },
      [&](NativeDevice& device) {
        device.server().withdraw(NativeDevice::kId);
        is_kept = has_kept_a_report(device);
        if (is_kept) ++kept;
      });
  EXPECT_GE(kept, 2U);
}

}  // namespace
}  // namespace fuota::test
