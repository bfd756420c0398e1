#include <gtest/gtest.h>

#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tests/simulation/releases/release_device.hpp"

namespace fuota::test {
namespace {

using simulator::flash::Fault;
using simulator::flash::Operation;

ReleaseDraft release(const char* version, std::uint32_t counter) {
  ReleaseDraft draft(ReleaseDevice::image(version));
  (void)draft.manifest.version.assign(version);
  draft.manifest.counter = counter;
  return draft;
}

/// Whether a check told this counter.
bool told(ReleaseDevice& device, const std::string& counter) {
  for (const std::string& request : device.server().requests()) {
    if (request.ends_with("&counter=" + counter + "&root=0")) return true;
  }
  return false;
}

TEST(ReleaseCounter, IsRaisedByTheConfirmation) {
  ReleaseDevice device;
  device.offer("0.1.0", release("0.1.1", 7));
  (void)device.board().run(5 * kMinuteUs);
  ASSERT_TRUE(device.runs("ota_1")) << device.board().transcript();
  EXPECT_TRUE(told(device, "7"));
}

TEST(ReleaseCounter, OutlivesAPowerLoss) {
  ReleaseDevice device;
  device.offer("0.1.0", release("0.1.1", 7));
  (void)device.board().run(5 * kMinuteUs);
  device.board().board().power_off();
  const std::size_t before = device.server().requests().size();
  (void)device.board().run(2 * kMinuteUs);
  ASSERT_GT(device.server().requests().size(), before);
  EXPECT_TRUE(device.last_check().ends_with("&counter=7&root=0"));
}

TEST(ReleaseCounter, KeepsAReplayedOlderReleaseAway) {
  ReleaseDevice device;
  device.offer("0.1.0", release("0.1.1", 7));
  (void)device.board().run(5 * kMinuteUs);
  ASSERT_TRUE(device.runs("ota_1")) << device.board().transcript();
  const std::uint64_t before = device.erases_of("ota_0");
  device.offer("0.1.1", release("0.1.2", 6));
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("release with a lower counter than a confirmed one"))
      << device.board().transcript();
  EXPECT_EQ(device.erases_of("ota_0"), before);
}

TEST(ReleaseCounter, LetsAReleaseWithTheSameCounterIn) {
  ReleaseDevice device;
  device.offer("0.1.0", release("0.1.1", 7));
  (void)device.board().run(5 * kMinuteUs);
  device.offer("0.1.1", release("0.1.2", 7));
  (void)device.board().run(5 * kMinuteUs);
  EXPECT_TRUE(device.runs("ota_0")) << device.board().transcript();
  EXPECT_TRUE(device.board().printed("image in ota_0 confirmed"));
}

TEST(ReleaseCounter, IsNotRaisedByAReleaseThatFailsItsTrial) {
  ReleaseDevice device;
  device.set_new_image([] {
    vTaskDelay(pdMS_TO_TICKS(5000));
    esp_restart();
  });
  device.offer("0.1.0", release("0.1.1", 7));
  (void)device.board().run(10 * kMinuteUs);
  ASSERT_TRUE(device.board().printed("The image in ota_1 failed on trial 1"))
      << device.board().transcript();
  EXPECT_TRUE(device.runs("ota_0"));
  EXPECT_FALSE(told(device, "7"));
}

/// Runs an update with a power cut at one operation on the flash of the trial boot, and lets the
/// device settle.
class CutConfirmation {
 public:
  CutConfirmation() {
    device_.offer("0.1.0", release("0.1.1", 7));
    for (int second = 0; second < 600 && !device_.runs("ota_1"); ++second) {
      (void)device_.board().run(kSecondUs);
    }
  }

  void run(std::uint64_t operation, Fault fault) {
    auto& flash = device_.board().flash();
    const std::uint64_t index = flash.operation_count() + operation;
    flash.set_fault_hook(
        [index, fault](const Operation& now) { return now.index == index ? fault : Fault::none; });
    for (int minute = 0; minute < 10; ++minute) (void)device_.board().run(kMinuteUs);
  }

  ReleaseDevice& device() { return device_; }

 private:
  ReleaseDevice device_;
};

TEST(ReleaseCounter, IsRaisedAlsoWhenThePowerFailsAroundTheConfirmation) {
  std::uint64_t operations = 0;
  {
    CutConfirmation whole;
    const std::uint64_t before = whole.device().board().flash().operation_count();
    whole.run(1'000'000, Fault::none);
    ASSERT_TRUE(told(whole.device(), "7")) << whole.device().board().transcript();
    operations = whole.device().board().flash().operation_count() - before;
  }
  ASSERT_GE(operations, 4U) << "otadata, the counter, the note";
  for (std::uint64_t number = 0; number < operations; ++number) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      SCOPED_TRACE("operation " + std::to_string(number) + ", fault " +
                   std::to_string(static_cast<int>(fault)));
      CutConfirmation cut;
      cut.run(number, fault);
      EXPECT_TRUE(cut.device().runs("ota_1"));
      EXPECT_TRUE(cut.device().last_check().ends_with("&counter=7&root=0"))
          << cut.device().board().transcript();
    }
  }
}

}  // namespace
}  // namespace fuota::test
