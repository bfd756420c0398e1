#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "esp_err.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "fuota_b/trial.hpp"
#include "nvs.h"
#include "nvs_flash.h"
#include "tests/simulation/application/updated_device.hpp"

namespace fuota::test {
namespace {

using simulator::flash::Fault;
using simulator::flash::Operation;
using simulator::flash::OperationKind;

constexpr std::int64_t kMinuteUs = 60 * kSecondUs;

class Trial : public testing::Test {
 protected:
  UpdatedDevice device_;
  TestBoard& board_ = device_.board();
};

TEST_F(Trial, ThatAPowerLossCutIsRepeatedWithoutADownload) {
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  device_.server().start();
  (void)device_.cut_and_run(3 * kMinuteUs);
  EXPECT_TRUE(
      board_.printed("OTA: The trial of the image in ota_1 was cut (power-on): trial 2 of 3"))
      << board_.transcript();
  EXPECT_TRUE(board_.printed("OTA: The server answers: image in ota_1 confirmed"));
  EXPECT_TRUE(device_.runs("ota_1"));
  EXPECT_EQ(device_.boots_of_new_image(), 2U);
  EXPECT_EQ(device_.server().count("GET /files/"), 1U);
}

TEST_F(Trial, ThatIsCutAsOftenAsAllowedLeavesTheOldImageInCharge) {
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  for (int cut = 0; cut < 5; ++cut) (void)device_.cut_and_run(2 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_0"));
  EXPECT_EQ(device_.boots_of_new_image(), 3U) << board_.transcript();
  EXPECT_TRUE(board_.printed(
      "OTA: The image in ota_1 failed on trial 3: cut each time (rolled_back_power_on)"));
}

TEST_F(Trial, ThatEndedWellIsNotRepeatedAfterAPowerLoss) {
  (void)board_.run(5 * kMinuteUs);
  ASSERT_TRUE(board_.printed("confirmed")) << board_.transcript();
  (void)device_.cut_and_run(2 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_1"));
  EXPECT_EQ(board_.board().boots(), 3U);
}

struct FailureCase {
  const char* title;
  void (*body)();  ///< what the new image's main task does
  const char* line;
  const char* code;
};

void hang() {
  (void)esp_task_wdt_add(nullptr);
  vTaskDelay(portMAX_DELAY);
}

void crash() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  ESP_ERROR_CHECK(ESP_FAIL);
}

void restart() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  esp_restart();
}

class FailedTrial : public Trial, public testing::WithParamInterface<FailureCase> {};

TEST_P(FailedTrial, IsNotRepeated) {
  device_.set_new_image(GetParam().body);
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  (void)board_.run(5 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_0"));
  EXPECT_TRUE(board_.printed(GetParam().line)) << board_.transcript();
  EXPECT_STREQ(update::failed_trial_code(), GetParam().code);
  // Nor after a power loss, which says nothing about that trial any more.
  (void)device_.cut_and_run(2 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_0"));
  EXPECT_EQ(device_.boots_of_new_image(), 1U) << board_.transcript();
  EXPECT_EQ(update::failed_trial_code(), nullptr) << "of this boot";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FailedTrial,
    testing::Values(FailureCase{"Hung", &hang,
                                "OTA: The image in ota_1 failed on trial 1: task watchdog "
                                "(rolled_back_task_watchdog)",
                                "rolled_back_task_watchdog"},
                    FailureCase{
                        "Crashed", &crash,
                        "OTA: The image in ota_1 failed on trial 1: panic (rolled_back_panic)",
                        "rolled_back_panic"},
                    FailureCase{"Restarted", &restart,
                                "OTA: The image in ota_1 failed on trial 1: restart by software "
                                "(rolled_back_software)",
                                "rolled_back_software"}),
    [](const auto& row) { return row.param.title; });

/// The server goes on offering it.
TEST_F(Trial, ThatFailedIsBegunAgainOnlyAfterADay) {
  device_.set_new_image(&crash);
  (void)board_.run(23 * kHourUs);
  EXPECT_EQ(device_.boots_of_new_image(), 1U);
  EXPECT_TRUE(board_.printed("Not installed: the offered image failed its trial here"));
  (void)board_.run(2 * kHourUs);
  EXPECT_EQ(device_.boots_of_new_image(), 2U);
}

TEST_F(Trial, ThatFailedKeepsNoOtherImageAway) {
  device_.set_new_image(&crash);
  (void)board_.run(kHourUs);
  ASSERT_EQ(device_.boots_of_new_image(), 1U);
  device_.set_new_image({});
  ImageOptions image = TestBoard::small_image();
  image.version = "0.1.2";
  image.seed = 3;
  device_.server().upload("f", build_image(image));
  (void)board_.run(10 * kMinuteUs);
  EXPECT_TRUE(board_.printed("image in ota_1 confirmed")) << board_.transcript();
}

/// The first restart is the one that counts.
TEST_F(Trial, ThatFailedIsNotRepeatedWhenThePowerFailsSoonAfter) {
  device_.set_new_image(&crash);
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  for (int second = 0; second < 60 && !device_.runs("ota_0"); ++second) {
    (void)board_.run(kSecondUs);
  }
  (void)device_.cut_and_run(3 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_0"));
  EXPECT_EQ(device_.boots_of_new_image(), 1U) << board_.transcript();
}

TEST_F(Trial, ThatDoesNotReachTheServerInTimeEndsInTheOldImage) {
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  (void)board_.run(13 * kMinuteUs);
  EXPECT_TRUE(board_.printed("APP: Not confirmed within 600 s: restarting into the image before"));
  EXPECT_TRUE(device_.runs("ota_0")) << board_.transcript();
  EXPECT_TRUE(
      board_.printed("OTA: The image in ota_1 failed on trial 1: it rolled itself back "
                     "(rolled_back_by_itself)"));
}

TEST_F(Trial, ThatIsOverHasNoTimeLimit) {
  (void)board_.run(5 * kMinuteUs);
  ASSERT_TRUE(board_.printed("confirmed")) << board_.transcript();
  device_.server().stop();
  (void)board_.run(kHourUs);
  EXPECT_TRUE(device_.runs("ota_1"));
  EXPECT_EQ(board_.board().boots(), 2U);
}

/// As firmware installs that knows nothing of the note.
TEST_F(Trial, WithoutANoteIsNotRepeated) {
  ASSERT_TRUE(device_.update_to_trial()) << board_.transcript();
  ASSERT_TRUE(board_.run_to_end([] {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    ASSERT_EQ(nvs_open("fuota_b", NVS_READWRITE, &handle), ESP_OK);
    ASSERT_EQ(nvs_erase_key(handle, "trial"), ESP_OK);
    nvs_close(handle);
  }));
  board_.set_firmware(&app_main);
  (void)board_.run(2 * kMinuteUs);
  EXPECT_TRUE(device_.runs("ota_0"));
  EXPECT_EQ(device_.boots_of_new_image(), 1U);
}

/// Writes to the NVS partition.
class WriteCounter {
 public:
  explicit WriteCounter(TestBoard& board) {
    const auto* nvs = board.partitions().find_label("nvs");
    board.flash().set_fault_hook(
        [this, begin = nvs->offset, end = nvs->offset + nvs->size](const Operation& operation) {
          const bool inside = operation.address >= begin && operation.address < end;
          if (inside && operation.kind == OperationKind::erase) ++erases;
          if (operation.kind == OperationKind::nvs_commit) ++commits;
          return Fault::none;
        });
  }

  unsigned commits = 0;
  unsigned erases = 0;
};

TEST_F(Trial, IsNotedWithOneChangeOfNvsWhenItBeginsAndOneWhenItEnds) {
  const WriteCounter counter(board_);
  (void)board_.run(5 * kMinuteUs);
  ASSERT_TRUE(board_.printed("confirmed")) << board_.transcript();
  EXPECT_EQ(counter.commits, 2U);
  EXPECT_EQ(counter.erases, 0U);
}

TEST_F(Trial, ThatEspIdfRefusesLeavesNoNote) {
  ImageOptions image = TestBoard::small_image();
  image.version = "0.1.1";
  device_.server().upload("f", damaged(build_image(image), Damage::segment_not_congruent));
  (void)board_.run(kMinuteUs);
  ASSERT_TRUE(board_.printed("image refused by ESP-IDF")) << board_.transcript();
  (void)device_.cut_and_run(20 * kSecondUs);
  EXPECT_FALSE(board_.printed("was cut")) << board_.transcript();
}

TEST_F(Trial, CostsNoWriteWhenThereIsNone) {
  device_.server().assign("00001", "another version", "f");
  (void)board_.run(5 * kMinuteUs);
  const std::uint64_t before = board_.flash().operation_count();
  (void)board_.run(24 * kHourUs);
  (void)device_.cut_and_run(5 * kMinuteUs);
  EXPECT_EQ(board_.flash().operation_count(), before) << board_.transcript();
}

}  // namespace
}  // namespace fuota::test
