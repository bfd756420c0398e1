// What the application's own test of a new image decides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "conn_wifi_b.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "fuota_b/trial.hpp"
#include "fuota_b/update.hpp"
#include "nvs_flash.h"
#include "sdkconfig.h"
#include "simulator/kernel/scheduler.hpp"
#include "tests/simulation/native/native_device.hpp"
#include "tests/simulation/update/update_server.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using update::Code;
using update::SelfTest;
using Kind = ServedRequest::Kind;

/// An application that checks for updates each 30 s over a connection that lasts, and judges itself
/// as the test wants it. What it counts outlives its restarts.
class Application {
 public:
  explicit Application(NativeDevice& device) {
    device.set_firmware([this] { run(); });
  }

  /// What the test of the n-th question says, from 0.
  std::function<SelfTest(unsigned)> judge = [](unsigned) { return SelfTest::passed; };
  /// It gives up an image on trial after this time; 0: never.
  std::int64_t trial_us_max = 0;

  unsigned asked = 0;
  std::vector<Code> codes;     ///< of all checks
  std::int64_t judged_us = 0;  ///< when it was asked last, since its start

 private:
  void run() {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    if (update::retry_cut_trial(3) == update::TrialOutcome::retried) esp_restart();
    ASSERT_EQ(esp_netif_init(), ESP_OK);
    ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
    ASSERT_EQ(cwb_connect_b(reinterpret_cast<const std::uint8_t*>("fuota_ap"),
                            reinterpret_cast<const std::uint8_t*>("fuota_pw"), 10'000),
              CWB_OK);
    update::ReleasePolicy policy;
    ASSERT_EQ(update::parse_release_policy(public_line(release_key(0)).c_str(), 1, policy),
              update::PolicyProblem::none);
    for (;;) {
      codes.push_back(check(policy));
      if (codes.back() == Code::updated) esp_restart();
      vTaskDelay(pdMS_TO_TICKS(30'000));
      if (trial_us_max != 0 && esp_timer_get_time() > trial_us_max) {
        (void)update::reject_running_image();
      }
    }
  }

  Code check(const update::ReleasePolicy& policy) {
    update::Server server;
    server.name = NativeServer::kHost;
    server.port = NativeServer::kPort;
    server.certificate_pem = kCertificate;
    server.username = "server_username";
    server.password = "server_password";
    update::Identity identity;
    identity.device_id = NativeDevice::kId;
    identity.app_version = "0.1";
    update::Observer observer;
    observer.context = this;
    observer.self_test = [](void* self) { return static_cast<Application*>(self)->test_itself(); };
    return update::check_and_update(server, identity, observer, policy).code;
  }

  SelfTest test_itself() {
    judged_us = esp_timer_get_time();
    return judge(asked++);
  }
};

class TestedImage : public testing::Test {
 protected:
  TestedImage() { device_.offer(NativeDevice::release("0.1.1")); }

  [[nodiscard]] bool update_to_trial() {
    return device_.run_until([this] { return device_.runs("ota_1"); }, 5 * kMinuteUs);
  }

  NativeDevice device_;
  Application application_{device_};
};

TEST_F(TestedImage, IsConfirmedWhenItPasses) {
  (void)device_.board().run(5 * kMinuteUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  EXPECT_THAT(device_.story(), ElementsAre("downloading", "installed", "confirmed"));
}

TEST_F(TestedImage, IsAskedWhileItIsOnTrialOnly) {
  (void)device_.board().run(20 * kMinuteUs);
  EXPECT_GE(device_.count(Kind::check), 30U);
  EXPECT_EQ(application_.asked, 1U) << device_.board().transcript();
}

TEST_F(TestedImage, IsAskedAgainAtEachCheckUntilItPasses) {
  application_.judge = [](unsigned question) {
    return question < 4 ? SelfTest::not_yet : SelfTest::passed;
  };
  ASSERT_TRUE(update_to_trial());
  ASSERT_TRUE(device_.run_until([this] { return application_.asked == 4; }, 5 * kMinuteUs));
  EXPECT_FALSE(device_.has_confirmed("ota_1"));
  (void)device_.board().run(kMinuteUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  EXPECT_EQ(application_.asked, 5U);
  application_.codes.resize(6);
  EXPECT_THAT(application_.codes, ElementsAre(Code::updated, Code::self_test, Code::self_test,
                                              Code::self_test, Code::self_test, Code::no_update));
  EXPECT_THAT(device_.story(), ElementsAre("downloading", "installed", "confirmed"));
}

/// The slot to fall back to is still needed.
TEST_F(TestedImage, IsNotReplacedBeforeItPasses) {
  application_.judge = [](unsigned question) {
    return question < 4 ? SelfTest::not_yet : SelfTest::passed;
  };
  ASSERT_TRUE(update_to_trial());
  device_.offer(NativeDevice::release("0.1.2"));
  ASSERT_TRUE(device_.run_until([this] { return application_.asked == 4; }, 5 * kMinuteUs));
  EXPECT_EQ(device_.count(Kind::file), 1U);
  (void)device_.board().run(3 * kMinuteUs);
  EXPECT_EQ(device_.count(Kind::file), 2U);
  EXPECT_TRUE(device_.has_confirmed("ota_0")) << device_.board().transcript();
}

/// While its test has not passed, its server hears that it is there.
TEST_F(TestedImage, TellsWhatWaitsBeforeItPasses) {
  application_.judge = [](unsigned) { return SelfTest::not_yet; };
  bool takes_reports = false;
  device_.server().spoil_with([&](const ServedRequest& request) {
    const bool is_refused = request.kind == Kind::report && !takes_reports;
    return is_refused ? status_fault(503) : AnswerFault{};
  });
  ASSERT_TRUE(update_to_trial());
  takes_reports = true;
  (void)device_.board().run(3 * kMinuteUs);
  EXPECT_THAT(device_.story(), ElementsAre("downloading", "installed"))
      << device_.board().transcript();
}

TEST_F(TestedImage, IsLeftAtOnceWhenItFails) {
  application_.judge = [](unsigned) { return SelfTest::failed; };
  ASSERT_TRUE(update_to_trial());
  const std::int64_t began_us = device_.board().board().now_us();
  ASSERT_TRUE(device_.run_until([this] { return device_.runs("ota_0"); }, 5 * kMinuteUs))
      << device_.board().transcript();
  // A second to look at it, and the bootloader's.
  EXPECT_LT(device_.board().board().now_us() - began_us, application_.judged_us + 3 * kSecondUs);
  EXPECT_EQ(application_.asked, 1U);
  EXPECT_EQ(application_.codes, std::vector<Code>{Code::updated});
}

TEST_F(TestedImage, IsReportedAndNotTriedAgainWhenItFails) {
  application_.judge = [](unsigned) { return SelfTest::failed; };
  (void)device_.board().run(kHourUs);
  EXPECT_THAT(device_.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_by_itself"))
      << device_.board().transcript();
  EXPECT_EQ(device_.boots_of_new_image(), 1U);
  EXPECT_TRUE(device_.runs("ota_0"));
}

TEST_F(TestedImage, ThatNeverPassesCanStillBeGivenUp) {
  application_.judge = [](unsigned) { return SelfTest::not_yet; };
  application_.trial_us_max = 5 * kMinuteUs;
  (void)device_.board().run(20 * kMinuteUs);
  EXPECT_GE(application_.asked, 9U);
  EXPECT_TRUE(device_.runs("ota_0")) << device_.board().transcript();
  EXPECT_THAT(device_.story(),
              ElementsAre("downloading", "installed", "rolled_back: rolled_back_by_itself"));
}

TEST_F(TestedImage, ThatIsCutBeforeItPassesIsTriedAgain) {
  application_.judge = [](unsigned question) {
    return question < 3 ? SelfTest::not_yet : SelfTest::passed;
  };
  ASSERT_TRUE(update_to_trial());
  ASSERT_TRUE(device_.run_until([this] { return application_.asked == 2; }, 5 * kMinuteUs));
  (void)device_.cut_and_run(5 * kMinuteUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  EXPECT_EQ(device_.boots_of_new_image(), 2U);
  EXPECT_THAT(device_.story(), ElementsAre("downloading", "installed", "confirmed"));
}

struct AnswerCase {
  const char* title;
  AnswerFault fault;  ///< of the answers to checks during the trial
  bool is_asked;
};

class TestedByAnswer : public testing::TestWithParam<AnswerCase> {};

TEST_P(TestedByAnswer, IsAskedWhenTheAnswerIsOneOfItsServer) {
  NativeDevice device;
  Application application(device);
  device.offer(NativeDevice::release("0.1.1"));
  ASSERT_TRUE(device.run_until([&] { return device.runs("ota_1"); }, 5 * kMinuteUs));
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::check ? GetParam().fault : AnswerFault{};
  });
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_EQ(application.asked > 0, GetParam().is_asked) << device.board().transcript();
  EXPECT_EQ(device.has_confirmed("ota_1"), GetParam().is_asked);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TestedByAnswer,
    testing::Values(AnswerCase{"NothingNew", {}, true},
                    AnswerCase{"UnknownDevice", status_fault(404), true},
                    AnswerCase{"WrongCredentials", status_fault(403), false},
                    AnswerCase{"ErrorOfTheServer", status_fault(500), false},
                    AnswerCase{"NoAnswer", {.kind = AnswerFault::Kind::no_answer}, false},
                    AnswerCase{
                        "NoHttp", {.kind = AnswerFault::Kind::bytes, .text = "moo\r\n"}, false}),
    [](const auto& row) { return row.param.title; });

constexpr std::size_t kNeededBytes = CONFIG_FUO_SELF_TEST_FREE_HEAP_BYTES;

struct HeapCase {
  const char* title;
  std::size_t left_bytes;  ///< when the new image takes the most
  bool gives_back;         ///< what it took, at once
  const char* told;
};

class HeapOfTheSampleApplication : public testing::TestWithParam<HeapCase> {};

TEST_P(HeapOfTheSampleApplication, DecidesAboutItsNewImage) {
  NativeDevice device;
  device.set_new_image([] {
    simulator::kernel::Heap& heap = simulator::kernel::Scheduler::current().heap();
    const std::size_t taken_bytes = heap.free_bytes() - GetParam().left_bytes;
    EXPECT_TRUE(heap.take(taken_bytes));
    if (GetParam().gives_back) heap.give_back(taken_bytes);
  });
  device.offer(NativeDevice::release("0.1.1"));
  (void)device.board().run(20 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", GetParam().told))
      << device.board().transcript();
  EXPECT_EQ(device.boots_of_new_image(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Rows, HeapOfTheSampleApplication,
                         testing::Values(HeapCase{"EnoughAtWorst", kNeededBytes, true, "confirmed"},
                                         HeapCase{"TooLittleAtWorst", kNeededBytes - 1, true,
                                                  "rolled_back: rolled_back_by_itself"},
                                         HeapCase{"TooLittleToConnect", 75'000, false,
                                                  "rolled_back: rolled_back_by_itself"},
                                         HeapCase{"TooLittleForWifi", 60'000, false,
                                                  "rolled_back: rolled_back_software"}),
                         [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
