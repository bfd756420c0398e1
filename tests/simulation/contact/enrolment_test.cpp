// A device that has a fleet key: how it comes to be known by a token of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "esp_log.h"
#include "nvs.h"
#include "tests/simulation/contact/answer_faults.hpp"
#include "tests/simulation/contact/contact_device.hpp"

namespace fuota::test {
namespace {

using update::Code;
using What = ServedRequest::Kind;
using Kind = AnswerFault::Kind;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kFleetKey = "fuf_0123456789";
constexpr const char* kId = ContactDevice::kId;

/// Its server knows no shared user.
class Enrolment : public testing::Test {
 protected:
  Enrolment() {
    device_.address.fleet_key = kFleetKey;
    device_.address.username = nullptr;
    device_.address.password = nullptr;
    device_.server().take_shared_user(false);
    device_.server().set_fleet_key(kFleetKey);
  }

  NativeServer& server() { return device_.server(); }
  [[nodiscard]] std::size_t enrolments() { return server().count(What::enrolment); }
  void spoil_enrolments(const AnswerFault& fault) {
    server().spoil_with([fault](const ServedRequest& request) {
      return request.kind == What::enrolment ? fault : AnswerFault{};
    });
  }

  ContactDevice device_;
};

TEST_F(Enrolment, IsMadeOnceAndOverOneConnection) {
  (void)device_.run([this] {
    EXPECT_EQ(device_.check_now().code, Code::no_update) << device_.board().transcript();
    EXPECT_EQ(device_.check_now().code, Code::no_update);
    EXPECT_EQ(device_.board().board().session()->http().statistics().connections, 2U);
  });
  EXPECT_EQ(device_.check().code, Code::no_update) << "after a restart";
  EXPECT_EQ(enrolments(), 1U);
  EXPECT_EQ(server().turned_away(), 0U);
  EXPECT_THAT(server().token(kId), AllOf(SizeIs(47), HasSubstr("fud_")));
}

TEST_F(Enrolment, TakesTokensOfWhichNoTwoBoardsDrawTheSame) {
  EXPECT_EQ(device_.check().code, Code::no_update);
  device_.board().board().power_off();
  TestBoard::Options options;
  options.board = TestBoard::board_under_test();
  options.board.seed = 2;
  ContactDevice other(options);
  other.address.fleet_key = kFleetKey;
  other.server().set_fleet_key(kFleetKey);
  EXPECT_EQ(other.check().code, Code::no_update);
  EXPECT_NE(other.server().token(kId), server().token(kId));
}

TEST_F(Enrolment, NeverShowsTokenOrKeyInTheLog) {
  EXPECT_EQ(device_.check().code, Code::no_update);
  EXPECT_FALSE(device_.board().printed(server().token(kId).substr(4)));
  EXPECT_FALSE(device_.board().printed(kFleetKey));
}

TEST_F(Enrolment, UpdatesAndReportsWithTheToken) {
  const SignedRelease& release = signed_release("0.1.1", 65'536);
  device_.offer(release);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_TRUE(device_.holds(release));
  EXPECT_EQ(server().count(What::report), 2U);
  EXPECT_EQ(server().turned_away(), 0U);
}

struct LostCase {
  const char* title;
  Kind kind;
};

class LostEnrolment : public Enrolment, public testing::WithParamInterface<LostCase> {};

/// The server took the token, or didn't: the device can't know, and gives it the same one again.
TEST_P(LostEnrolment, IsMadeAgainWithTheSameToken) {
  AnswerFault fault;
  fault.kind = GetParam().kind;
  spoil_enrolments(fault);
  EXPECT_EQ(device_.check().code, Code::no_answer);
  server().spoil_with({});
  EXPECT_EQ(device_.check().code, Code::no_update) << device_.board().transcript();
  EXPECT_THAT(server().posted_tokens(), Each(server().token(kId)));
}

INSTANTIATE_TEST_SUITE_P(Rows, LostEnrolment,
                         testing::Values(LostCase{"Closed", Kind::closed},
                                         LostCase{"Reset", Kind::reset},
                                         LostCase{"Silent", Kind::no_answer}),
                         [](const auto& row) { return row.param.title; });

/// The one enrolment that the key had left was this device's own.
TEST_F(Enrolment, IsOverWhenTheTokenWorksThoughTheKeyNoLongerDoes) {
  AnswerFault fault;
  fault.kind = Kind::closed;
  spoil_enrolments(fault);
  EXPECT_EQ(device_.check().code, Code::no_answer);
  server().spoil_with({});
  server().set_fleet_key("fuf_another");
  EXPECT_EQ(device_.check().code, Code::no_update) << device_.board().transcript();
  EXPECT_EQ(server().turned_away(), 1U) << "the enrolment";
  EXPECT_EQ(device_.check().code, Code::no_update);
  EXPECT_EQ(server().turned_away(), 1U) << "it is noted that the server has the token";
}

TEST_F(Enrolment, WithAKeyThatIsRefusedHasACodeOfItsOwn) {
  server().set_fleet_key("fuf_another");
  const update::Report report = device_.check();
  EXPECT_EQ(report.code, Code::fleet_key_refused);
  EXPECT_EQ(report.http_status, 403);
  EXPECT_EQ(status_of(report.code), OTA_PARAM_ERR);
}

TEST_F(Enrolment, OfADeviceThatTheServerKnowsOtherwiseIsLeftToTheOperator) {
  server().set_token(kId, "fud_another");
  EXPECT_EQ(device_.check().code, Code::other_token);
  EXPECT_EQ(enrolments(), 1U) << "once a check";
  EXPECT_TRUE(
      device_.board().printed("other_token: the server has another credential of this "
                              "device: remove it there"));
  server().remove_token(kId);
  EXPECT_EQ(device_.check().code, Code::no_update);
  EXPECT_EQ(server().token(kId), server().posted_tokens().front());
}

TEST_F(Enrolment, IsMadeAgainWhereTheOperatorRemovedTheToken) {
  EXPECT_EQ(device_.check().code, Code::no_update);
  const std::string token = server().token(kId);
  server().remove_token(kId);
  EXPECT_EQ(device_.check().code, Code::no_update) << device_.board().transcript();
  EXPECT_EQ(server().token(kId), token);
  EXPECT_EQ(server().turned_away(), 1U);
}

TEST_F(Enrolment, IsTriedOnceACheckByADeviceThatIsTurnedAway) {
  EXPECT_EQ(device_.check().code, Code::no_update);
  server().remove_token(kId);
  server().set_fleet_key("fuf_another");
  EXPECT_EQ(device_.check().code, Code::fleet_key_refused);
  EXPECT_EQ(server().turned_away(), 2U) << "the check and the enrolment";
}

TEST_F(Enrolment, HonoursRetryAfter) {
  AnswerFault fault = answer_with(503);
  fault.headers = "Retry-After: 77\r\n";
  spoil_enrolments(fault);
  const update::Report report = device_.check();
  EXPECT_EQ(report.code, Code::server_error);
  EXPECT_EQ(report.retry_after_s, 77U);
}

TEST_F(Enrolment, DoesNotGoOnWithATokenThatCannotBeRead) {
  (void)device_.run([this] {
    nvs_handle_t handle = 0;
    ASSERT_EQ(nvs_open("fuota_b", NVS_READWRITE, &handle), ESP_OK);
    ASSERT_EQ(nvs_set_blob(handle, "token", "of a later layout", 17), ESP_OK);
    ASSERT_EQ(nvs_commit(handle), ESP_OK);
    nvs_close(handle);
    EXPECT_EQ(device_.check_now().code, Code::nvs);
  });
  EXPECT_EQ(enrolments(), 0U);
}

TEST_F(Enrolment, IsNotThereWithoutAKey) {
  EXPECT_EQ(device_.check().code, Code::no_update);
  device_.address.fleet_key = nullptr;
  device_.address.username = "server_username";
  device_.address.password = "server_password";
  server().take_shared_user(true);
  server().remove_token(kId);
  EXPECT_EQ(device_.check().code, Code::no_update) << "the token in NVS does not count";
}

/// What an operator provisions is an id and a token, in place of username and password.
TEST_F(Enrolment, IsNotNeededWithATokenThatWasProvisioned) {
  const std::string token = "fud_" + std::string(43, 'x');
  server().set_token(kId, token);
  device_.address.fleet_key = nullptr;
  device_.address.username = kId;
  device_.address.password = token.c_str();
  EXPECT_EQ(device_.check().code, Code::no_update);
}

struct UnusableCase {
  const char* title;
  void (*spoil)(ContactDevice& device);
};

class UnusableCredentials : public Enrolment, public testing::WithParamInterface<UnusableCase> {};

TEST_P(UnusableCredentials, AreRefusedBeforeAnythingIsSent) {
  GetParam().spoil(device_);
  EXPECT_EQ(device_.check().code, Code::bad_parameter);
  EXPECT_THAT(server().requests(), SizeIs(0));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, UnusableCredentials,
    testing::Values(
        UnusableCase{"EmptyFleetKey", [](ContactDevice& device) { device.address.fleet_key = ""; }},
        UnusableCase{"AnIdWithAColon",
                     [](ContactDevice& device) { device.identity.device_id = "0:1"; }},
        UnusableCase{"NoneAtAll",
                     [](ContactDevice& device) { device.address.fleet_key = nullptr; }},
        UnusableCase{"ACertificateWithoutKey",
                     [](ContactDevice& device) { device.address.client_certificate_pem = "x"; }},
        UnusableCase{"AKeyWithoutCertificate",
                     [](ContactDevice& device) { device.address.client_key_pem = "x"; }}),
    [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
