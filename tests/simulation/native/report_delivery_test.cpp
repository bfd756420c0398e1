// Reports on their way to a server that is away, refuses them, or whose answers are lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "nvs.h"
#include "nvs_flash.h"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = ServedRequest::Kind;
using FaultKind = AnswerFault::Kind;

/// Every answer to a report is `fault`, until `spoil_with({})`.
void spoil_reports(NativeDevice& device, const AnswerFault& fault) {
  device.server().spoil_with([fault](const ServedRequest& request) {
    return request.kind == Kind::report ? fault : AnswerFault{};
  });
}

/// A release that a device refuses by its manifest, so that each deployment makes one report.
ReleaseDraft of_another_product() {
  ReleaseDraft draft = NativeDevice::release("0.1.1");
  (void)draft.manifest.product.assign("sensor");
  return draft;
}

struct KeptCase {
  const char* title;
  AnswerFault fault;
};

class KeptReport : public testing::TestWithParam<KeptCase> {};

/// The whole update is over before the server takes the first report.
TEST_P(KeptReport, IsDeliveredInOrderWhenTheServerTakesIt) {
  NativeDevice device;
  spoil_reports(device, GetParam().fault);
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 15 * kMinuteUs))
      << device.board().transcript();
  EXPECT_THAT(device.story(), IsEmpty());
  device.server().spoil_with({});
  (void)device.board().run(20 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_EQ(device.server().reports().size(), 3U);
}

TEST_P(KeptReport, OutlivesPowerLosses) {
  NativeDevice device;
  spoil_reports(device, GetParam().fault);
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 15 * kMinuteUs))
      << device.board().transcript();
  for (int cut = 0; cut < 3; ++cut) (void)device.cut_and_run(2 * kMinuteUs);
  device.server().spoil_with({});
  (void)device.cut_and_run(5 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_EQ(device.reports().front().reset_reason.view(), "power-on");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, KeptReport,
    testing::Values(KeptCase{"ServerWithoutReports404", status_fault(404)},
                    KeptCase{"ServerWithoutReports405", status_fault(405)},
                    KeptCase{"ServerWithoutReports501", status_fault(501)},
                    KeptCase{"BusyServer", status_fault(503)},
                    KeptCase{"WrongCredentials", status_fault(403)},
                    KeptCase{"Redirection", status_fault(307)},
                    KeptCase{"NoAnswer", {.kind = FaultKind::no_answer}},
                    KeptCase{"NoHttp", {.kind = FaultKind::bytes, .text = "moo\r\n\r\n"}}),
    [](const auto& row) { return row.param.title; });

TEST(Report, OfATrialWithoutItsServerIsDeliveredAtTheNextContact) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.runs("ota_1"); }, 5 * kMinuteUs));
  device.server().stop();
  ASSERT_TRUE(device.run_until([&] { return device.runs("ota_0"); }, 15 * kMinuteUs));
  for (int cut = 0; cut < 3; ++cut) (void)device.cut_and_run(kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed"));
  device.server().start();
  (void)device.board().run(20 * kMinuteUs);
  EXPECT_THAT(device.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_by_itself"))
      << device.board().transcript();
  device.expect_no_gap();
}

struct LostAnswerCase {
  const char* title;
  AnswerFault fault;
};

class LostAnswer : public testing::TestWithParam<LostAnswerCase> {};

TEST_P(LostAnswer, MakesTheSameReportComeAgain) {
  NativeDevice device;
  unsigned spoiled = 0;
  device.server().spoil_with([&](const ServedRequest& request) {
    // The first of each report: the second comes when the device makes its connection anew.
    const bool is_spoiled = request.kind == Kind::report && ++spoiled <= 2;
    return is_spoiled ? GetParam().fault : AnswerFault{};
  });
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed"))
      << device.board().transcript();
  device.expect_no_gap();
  const std::vector<ReceivedReport>& received = device.server().reports();
  ASSERT_GT(received.size(), 3U);
  EXPECT_TRUE(received[1].is_repeat);
  EXPECT_EQ(received[1].body, received[0].body);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, LostAnswer,
    testing::Values(LostAnswerCase{"Closed", {.kind = FaultKind::closed}},
                    LostAnswerCase{"Reset", {.kind = FaultKind::reset}},
                    LostAnswerCase{"ClosedInTheMiddle", {.kind = FaultKind::closed, .number = 12}},
                    LostAnswerCase{"TooLate",
                                   {.kind = FaultKind::stalled, .pause_us = 40 * kSecondUs}}),
    [](const auto& row) { return row.param.title; });

class RefusedReport : public testing::TestWithParam<int> {};

TEST_P(RefusedReport, IsDroppedAloneWhenTheServerWillNeverTakeIt) {
  NativeDevice device;
  unsigned asked = 0;
  device.server().spoil_with([&](const ServedRequest& request) {
    const bool is_first = request.kind == Kind::report && asked++ == 0;
    return is_first ? status_fault(GetParam()) : AnswerFault{};
  });
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("installed", "confirmed")) << device.board().transcript();
  device.expect_no_gap(2);
  EXPECT_EQ(device.count(Kind::report), 3U);
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedReport, testing::Values(400, 413));

/// Eight wait at most.
TEST(Report, ThatIsTheOldestOfNineGivesWay) {
  NativeDevice device;
  spoil_reports(device, status_fault(501));
  for (int deployment = 0; deployment < 11; ++deployment) {
    const std::size_t checks = device.count(Kind::check);
    device.offer(of_another_product());
    ASSERT_TRUE(device.run_until([&] { return device.count(Kind::check) > checks + 1; }, kHourUs));
  }
  device.server().spoil_with({});
  (void)device.board().run(40 * kMinuteUs);
  const auto reports = device.reports();
  ASSERT_EQ(reports.size(), 8U) << device.board().transcript();
  device.expect_no_gap(4);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].deployment.view(), "deployment-" + std::to_string(i + 4));
  }
}

TEST(Report, ThatIsTakenMakesRoomForTheNext) {
  NativeDevice device;
  for (int deployment = 0; deployment < 20; ++deployment) {
    const std::size_t checks = device.count(Kind::check);
    device.offer(of_another_product());
    ASSERT_TRUE(device.run_until([&] { return device.count(Kind::check) > checks + 1; }, kHourUs));
  }
  EXPECT_EQ(device.reports().size(), 20U) << device.board().transcript();
  device.expect_no_gap();
}

TEST(Report, OfAnUpdateThatFailsInTurnsIsNotRepeatedAtEachCheck) {
  NativeDevice device;
  device.offer(NativeDevice::release("0.1.1"));
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::file ? status_fault(404) : AnswerFault{};
  });
  (void)device.board().run(6 * kHourUs);
  EXPECT_GE(device.count(Kind::file), 20U);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "failed: file_refused"));
}

/// Whatever the length of what was received, the sector that it was received into is free for the
/// report about it.
class ReportAfterAFile : public testing::TestWithParam<std::size_t> {};

TEST_P(ReportAfterAFile, OfAnyLengthIsWhole) {
  NativeDevice device;
  ImageOptions options = TestBoard::small_image();
  options.size_bytes = GetParam();
  options.version = "0.1.1";
  options.seed = 5;
  device.offer(ReleaseDraft(build_image(options)));
  options.version = "6.6.6";
  auto file = std::make_shared<HeldFile>();
  const Image other = build_image(options);
  file->content.assign(other.begin(), other.end());
  file->sha256 = hexadecimal(sha256_of(other));
  device.server().upload("f", file);
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "failed: hash"))
      << device.board().transcript();
  device.expect_no_gap();
  EXPECT_EQ(device.board().board().boots(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReportAfterAFile, testing::Values(8192, 8208, 11008, 12272));

/// NVS with room for `free_bytes` more, in a namespace of the application's own.
void fill_nvs(NativeDevice& device, std::size_t free_bytes) {
  device.run_aside([&] {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    ASSERT_EQ(nvs_open("other", NVS_READWRITE, &handle), ESP_OK);
    const std::vector<std::uint8_t> reserved(free_bytes);
    ASSERT_EQ(nvs_set_blob(handle, "reserved", reserved.data(), reserved.size()), ESP_OK);
    const std::vector<std::uint8_t> ballast(64);
    for (int i = 0; i < 1000; ++i) {
      const std::string key = "ballast" + std::to_string(i);
      if (nvs_set_blob(handle, key.c_str(), ballast.data(), ballast.size()) != ESP_OK) break;
    }
    for (int i = 0; i < 1000; ++i) {
      const std::string key = "b" + std::to_string(i);
      if (nvs_set_u8(handle, key.c_str(), 0) != ESP_OK) break;
    }
    ASSERT_EQ(nvs_erase_key(handle, "reserved"), ESP_OK);
    nvs_close(handle);
  });
}

class FullNvs : public testing::TestWithParam<std::size_t> {};

TEST_P(FullNvs, KeepsNoUpdateAway) {
  NativeDevice device;
  fill_nvs(device, GetParam());
  spoil_reports(device, status_fault(501));
  device.offer(NativeDevice::release("0.1.1"));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 2 * kHourUs))
      << device.board().transcript();
}

/// Without the note, a release is not put on trial.
TEST(FullNvsOfAnotherNamespace, IsFoundBeforeAnythingIsDownloaded) {
  NativeDevice device;
  fill_nvs(device, 64);
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(kHourUs);
  EXPECT_TRUE(device.board().printed("OTA: Update failed: nvs")) << device.board().transcript();
  EXPECT_EQ(device.server().count(ServedRequest::Kind::file), 0U);
}

/// From what an update can't do without: the note of a trial, the counter, and the ledger.
INSTANTIATE_TEST_SUITE_P(FreeBytes, FullNvs, testing::Values(384, 448, 512, 640, 800, 1000));

}  // namespace
}  // namespace fuota::test
