// What the server hears of an update.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "esp_err.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using protocol::UpdateReport;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Kind = ServedRequest::Kind;

TEST(ReportedUpdate, IsToldFromTheDownloadToTheConfirmation) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(5 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
}

TEST(ReportedUpdate, IsNamedInEachReport) {
  NativeDevice device;
  const ReleaseDraft draft = NativeDevice::release("0.1.1");
  device.offer(draft);
  (void)device.board().run(5 * kMinuteUs);
  ASSERT_EQ(device.reports().size(), 3U) << device.board().transcript();
  for (const UpdateReport& report : device.reports()) {
    SCOPED_TRACE(protocol::name_of(report.state));
    EXPECT_EQ(report.deployment.view(), "deployment-1");
    EXPECT_EQ(report.version.view(), "0.1.1");
    EXPECT_EQ(report.image, draft.manifest.sha256);
  }
}

TEST(ReportedUpdate, IsToldWithTheStateOfTheDevice) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(5 * kMinuteUs);
  ASSERT_EQ(device.reports().size(), 3U) << device.board().transcript();
  constexpr const char* kResetReasons[] = {"power-on", "power-on", "restart by software"};
  const auto* reset_reason = kResetReasons;
  for (const UpdateReport& report : device.reports()) {
    SCOPED_TRACE(protocol::name_of(report.state));
    EXPECT_EQ(report.reset_reason.view(), *reset_reason++);
    EXPECT_TRUE(report.has_free_heap);
    EXPECT_GT(report.free_heap_bytes, 20'000U);
    EXPECT_LT(report.free_heap_bytes, 320'000U);
    EXPECT_EQ(report.rssi_dbm, -50);
  }
}

TEST(ReportedUpdate, IsFollowedByTheNextInTheSameStream) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs));
  device.offer(NativeDevice::release("0.1.2"));
  (void)device.board().run(5 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed", "downloading",
                                          "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_EQ(device.reports().back().deployment.view(), "deployment-2");
}

TEST(ReportedUpdate, IsNoneWhereThereIsNothingToUpdate) {
  NativeDevice device;
  device.offer(ReleaseDraft(build_image(TestBoard::small_image())));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_GE(device.count(Kind::check), 10U);
  EXPECT_EQ(device.count(Kind::report), 0U);
}

/// Only its first bytes tell: the file is another one, with a signature behind it, say.
TEST(ReportedUpdate, ThatTurnsOutToRunAlreadyIsNotLeftAsADownload) {
  NativeDevice device;
  Image file = build_image(TestBoard::small_image());
  file.resize(file.size() + 4096, 0xFF);
  device.offer(ReleaseDraft(file));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "failed: same_image"))
      << device.board().transcript();
  EXPECT_GE(device.count(Kind::check), 10U) << "it is nothing that may be over soon";
}

struct RollbackCase {
  const char* title;
  void (*in_new_image)();
  bool is_server_away;
  unsigned cuts;
  const char* told;
};

void crash() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  ESP_ERROR_CHECK(ESP_FAIL);
}

void hang() {
  (void)esp_task_wdt_add(nullptr);
  vTaskDelay(portMAX_DELAY);
}

void restart() {
  vTaskDelay(pdMS_TO_TICKS(20'000));
  esp_restart();
}

void nothing() {}

class RolledBackUpdate : public testing::TestWithParam<RollbackCase> {};

TEST_P(RolledBackUpdate, IsToldWithWhatEndedItsTrial) {
  NativeDevice device;
  device.set_new_image(GetParam().in_new_image);
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.runs("ota_1"); }, 5 * kMinuteUs));
  if (GetParam().is_server_away) device.server().stop();
  for (unsigned cut = 0; cut < GetParam().cuts; ++cut) (void)device.cut_and_run(kMinuteUs);
  (void)device.board().run(15 * kMinuteUs);
  device.server().start();
  (void)device.board().run(20 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", GetParam().told))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_TRUE(device.runs("ota_0"));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RolledBackUpdate,
    testing::Values(
        RollbackCase{"Panic", &crash, false, 0, "rolled_back: rolled_back_panic"},
        RollbackCase{"TaskWatchdog", &hang, true, 0, "rolled_back: rolled_back_task_watchdog"},
        RollbackCase{"RestartBySoftware", &restart, false, 0, "rolled_back: rolled_back_software"},
        RollbackCase{"RejectedByItself", &nothing, true, 0, "rolled_back: rolled_back_by_itself"},
        RollbackCase{"CutEachTime", &nothing, true, 5, "rolled_back: rolled_back_power_on"}),
    [](const auto& row) { return row.param.title; });

struct FailureCase {
  const char* title;
  std::function<ReleaseDraft()> draft;
  std::vector<std::string> story;
};

ReleaseDraft spoiled(const std::function<void(ReleaseDraft&)>& spoil) {
  ReleaseDraft draft = NativeDevice::release("0.1.1");
  spoil(draft);
  return draft;
}

ReleaseDraft release_of(Image image) {
  return ReleaseDraft(std::move(image));
}

Image image_for(const char* chip) {
  ImageOptions options = TestBoard::small_image();
  options.chip = chip;
  options.version = "0.1.1";
  return build_image(options);
}

class FailedUpdate : public testing::TestWithParam<FailureCase> {};

/// Half an hour of checks, all with the same end.
TEST_P(FailedUpdate, IsToldOnceWithItsCode) {
  NativeDevice device;
  device.offer(GetParam().draft());
  (void)device.board().run(30 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAreArray(GetParam().story)) << device.board().transcript();
  device.expect_no_gap();
  EXPECT_GE(device.count(Kind::check), 5U);
  EXPECT_EQ(device.count(Kind::report), GetParam().story.size());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FailedUpdate,
    testing::Values(
        FailureCase{
            "Signature",
            [] { return spoiled([](ReleaseDraft& draft) { draft.signers = {&release_key(3)}; }); },
            {"failed: signature"}},
        FailureCase{"Product",
                    [] {
                      return spoiled([](ReleaseDraft& draft) {
                        (void)draft.manifest.product.assign("sensor");
                      });
                    },
                    {"failed: product"}},
        FailureCase{"Chip",
                    [] {
                      return spoiled(
                          [](ReleaseDraft& draft) { (void)draft.manifest.chip.assign("esp32c3"); });
                    },
                    {"failed: chip"}},
        FailureCase{
            "TooBig", [] { return release_of(Image(0x180000 + 16, 0xE9)); }, {"failed: too_big"}},
        FailureCase{"HashInTheOffer",
                    [] {
                      return spoiled(
                          [](ReleaseDraft& draft) { draft.file = NativeDevice::image("6.6.6"); });
                    },
                    {"failed: hash"}},
        FailureCase{"FileNotThere",
                    [] { return spoiled([](ReleaseDraft& draft) { draft.url = "/files/other"; }); },
                    {"downloading", "failed: file_refused"}},
        FailureCase{"ImageForAnotherChip",
                    [] { return release_of(image_for("esp32c3")); },
                    {"downloading", "failed: chip"}},
        FailureCase{"NoImage",
                    [] { return release_of(Image(8000, 0x55)); },
                    {"downloading", "failed: not_an_image"}},
        FailureCase{
            "DamagedImage",
            [] { return release_of(damaged(NativeDevice::image("0.1.1"), Damage::checksum)); },
            {"downloading", "failed: corrupt_image"}},
        FailureCase{"ImageThatEspIdfRefuses",
                    [] {
                      return release_of(
                          damaged(NativeDevice::image("0.1.1"), Damage::segment_not_congruent));
                    },
                    {"downloading", "failed: image_refused"}}),
    [](const auto& row) { return row.param.title; });

struct DownloadCase {
  const char* title;
  AnswerFault fault;  ///< of each answer to a request for the file
  const char* told;
};

class FailedDownload : public testing::TestWithParam<DownloadCase> {};

TEST_P(FailedDownload, IsToldOnceWithItsCode) {
  NativeDevice device;
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::file ? GetParam().fault : AnswerFault{};
  });
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(2 * kHourUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", GetParam().told))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_GE(device.count(Kind::check), 5U);
  EXPECT_EQ(device.boots_of_new_image(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FailedDownload,
    testing::Values(
        DownloadCase{"WrongCredentials", status_fault(403), "failed: credentials"},
        DownloadCase{"Redirection", status_fault(302), "failed: http_3xx"},
        DownloadCase{"ErrorOfTheServer", status_fault(500), "failed: http_5xx"},
        DownloadCase{"NoAnswer", {.kind = AnswerFault::Kind::no_answer}, "failed: no_answer"},
        DownloadCase{"ClosedInTheHeader",
                     {.kind = AnswerFault::Kind::closed, .number = 40},
                     "failed: no_answer"},
        DownloadCase{"Noise", {.kind = AnswerFault::Kind::garbage_body}, "failed: not_an_image"}),
    [](const auto& row) { return row.param.title; });

TEST(UpdateThatFailed, OfALowerCounterIsTold) {
  NativeDevice device;
  ReleaseDraft newer = NativeDevice::release("0.1.1");
  newer.manifest.counter = 7;
  device.offer(newer);
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs));
  device.offer(NativeDevice::release("0.1.2"));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(),
              ElementsAre("downloading", "installed", "confirmed", "failed: counter"))
      << device.board().transcript();
}

/// The offer says what was signed, and another file of that size comes.
TEST(UpdateThatFailed, WhoseFileIsAnotherIsTold) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  auto file = std::make_shared<HeldFile>();
  const Image other = NativeDevice::image("6.6.6");
  file->content.assign(other.begin(), other.end());
  file->sha256 = hexadecimal(sha256_of(other));
  device.server().upload("f", file);
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "failed: hash"))
      << device.board().transcript();
}

TEST(UpdateThatFailed, IsToldAgainUnderAnotherDeployment) {
  NativeDevice device;
  const ReleaseDraft draft =
      spoiled([](ReleaseDraft& spoiled) { (void)spoiled.manifest.product.assign("sensor"); });
  device.offer(draft);
  (void)device.board().run(5 * kMinuteUs);
  device.offer(draft);
  (void)device.board().run(5 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("failed: product", "failed: product"));
  ASSERT_EQ(device.reports().size(), 2U) << device.board().transcript();
  EXPECT_EQ(device.reports().back().deployment.view(), "deployment-2");
}

TEST(UpdateThatFailed, IsToldWithTheErrorOfEspIdf) {
  NativeDevice device;
  device.offer(release_of(damaged(NativeDevice::image("0.1.1"), Damage::segment_not_congruent)));
  (void)device.board().run(2 * kMinuteUs);
  ASSERT_EQ(device.reports().size(), 2U) << device.board().transcript();
  EXPECT_EQ(device.reports().back().detail.view(), "ESP_ERR_OTA_VALIDATE_FAILED");
  EXPECT_EQ(device.reports().back().rssi_dbm, -50);
}

TEST(UpdateThatFailed, ThatNamesNoReleaseIsNotTold) {
  NativeDevice device;
  auto release = std::make_shared<HeldRelease>();
  release->manifest = R"({"payload":"e30","signatures":[]})";
  release->artifacts = "[]";
  device.server().assign(NativeDevice::kId, release);
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Update failed: offer")) << device.board().transcript();
  EXPECT_THAT(device.story(), IsEmpty());
}

TEST(UpdateThatFailed, IsFollowedByTheStoryOfTheNextTry) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::file ? status_fault(404) : AnswerFault{};
  });
  (void)device.board().run(5 * kMinuteUs);
  device.server().spoil_with({});
  (void)device.board().run(20 * kMinuteUs);
  EXPECT_THAT(device.story(),
              ElementsAre("downloading", "failed: file_refused", "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
}

}  // namespace
}  // namespace fuota::test
