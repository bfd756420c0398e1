#include "server/api/history_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "fuota_protocol/limits.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/unit/server_api/fake_body.hpp"

namespace fuota::server::api {
namespace {

using protocol::ReportState;
using test_support::run_awaitable;
using test_support::some_change;
using testing::HasSubstr;

const std::string kImage(64, 'a');

std::string report(std::uint32_t sequence, const std::string& state, const std::string& more = "",
                   const std::string& deployment = "d") {
  return R"({"stream":"00f1e2d3c4b5a697","sequence":)" + std::to_string(sequence) +
         R"(,"state":")" + state + R"(","deployment":")" + deployment +
         R"(","version":"0.2.0","image":")" + kImage + "\"" + more + "}";
}

class Histories : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        run_awaitable(store_.put_device({"00001", "0.1.0", "app.bin"}, some_change())).has_value());
  }

  Answer record(const std::string& text, std::string_view id = "00001") {
    FakeBody body(text, 100);
    return run_awaitable(endpoints_.record(id, &body));
  }

  Answer get(std::optional<std::string_view> query = std::nullopt, std::string_view id = "00001") {
    return run_awaitable(endpoints_.get(id, query));
  }

  boost::json::value history(std::optional<std::string_view> query = std::nullopt) {
    const Answer answer = get(query);
    EXPECT_EQ(answer.outcome, Outcome::ok);
    EXPECT_EQ(answer.text_kind, TextKind::json);
    return boost::json::parse(answer.text);
  }

  void run(const std::string& version, std::uint8_t image) {
    domain::RunningImage running{version, {}};
    running.sha256.fill(image);
    ASSERT_TRUE(run_awaitable(store_.record_running("00001", running, now_)).has_value());
  }

  /// Gives the device an update: the name of its deployment.
  std::string deploy() {
    auto upload = std::move(*run_awaitable(store_.begin_upload()));
    EXPECT_TRUE(run_awaitable(upload->append("content")).has_value());
    EXPECT_TRUE(
        run_awaitable(store_.publish("app.bin", std::move(upload), some_change())).has_value());
    return store_.facts_for_check({"00001", "0.1.0"})->file->deployment;
  }

  static std::string state_of(const boost::json::value& history) {
    return history.at("update").at("state").as_string().c_str();
  }

  test_support::MemoryStore store_;
  // 2026-11-23T05:34:24Z
  domain::Time now_{std::chrono::seconds(1'795'412'064)};
  HistoryEndpoints endpoints_{store_, [this] { return now_; }};
};

TEST_F(Histories, TellAReportWithAllItsMembers) {
  const std::string more =
      R"(,"code":"hash","detail":"sector 7","reset_reason":"power-on","rssi":-61,"free_heap":0)";
  EXPECT_EQ(record(report(12, "failed", more)).outcome, Outcome::nothing);
  const auto found = history();
  EXPECT_EQ(found.at("device"), "00001");
  ASSERT_EQ(found.at("events").as_array().size(), 1U);
  EXPECT_EQ(found.at("events").at(0),
            boost::json::parse(
                R"({"event":1,"received":"2026-11-23T05:34:24Z","kind":"report",)"
                R"("stream":"00f1e2d3c4b5a697","sequence":12,"state":"failed","deployment":"d",)"
                R"("version":"0.2.0","image":")" +
                kImage + "\"" + more + "}"));
}

TEST_F(Histories, LeaveOutOfAReportWhatIsNotKnown) {
  ASSERT_EQ(record(report(1, "confirmed")).outcome, Outcome::nothing);
  const auto found = history();
  for (const char* name : {"code", "detail", "reset_reason", "rssi", "free_heap"}) {
    EXPECT_FALSE(found.at("events").at(0).as_object().contains(name)) << name;
  }
}

TEST_F(Histories, TellWhatADeviceRuns) {
  run("0.1.0 \xC3\xA4", 0xAA);
  const auto found = history();
  EXPECT_EQ(found.at("events").at(0),
            boost::json::parse(R"({"event":1,"received":"2026-11-23T05:34:24Z","kind":"running",)"
                               R"("version":"0.1.0 ä","image":")" +
                               kImage + "\"}"));
  EXPECT_EQ(found.at("running"),
            boost::json::parse(R"({"version":"0.1.0 ä","since":"2026-11-23T05:34:24Z","image":")" +
                               kImage + "\"}"));
}

TEST_F(Histories, TellWhenADeviceHasAskedLast) {
  store_.record_contact({"00001", now_, "0.1.0", "2001:db8::1"});
  EXPECT_EQ(history().at("contact"),
            boost::json::parse(
                R"({"at":"2026-11-23T05:34:24Z","version":"0.1.0","address":"2001:db8::1"})"));
}

TEST_F(Histories, OfADeviceThatHasSaidNothingAreEmpty) {
  EXPECT_EQ(history(),
            boost::json::parse(R"({"device":"00001","update":null,"running":null,"contact":null,)"
                               R"("events":[],"next":null})"));
}

TEST_F(Histories, TakeAReportThatComesAgainForTheSame) {
  EXPECT_EQ(record(report(1, "downloading")).outcome, Outcome::nothing);
  EXPECT_EQ(record(report(1, "downloading")).outcome, Outcome::nothing);
  EXPECT_EQ(history().at("events").as_array().size(), 1U);
}

TEST_F(Histories, ComeInPages) {
  for (std::uint32_t i = 1; i <= 3; ++i) record(report(i, "downloading"));
  const auto first = history("limit=2");
  EXPECT_EQ(first.at("events").at(0).at("sequence").as_int64(), 3);
  EXPECT_EQ(first.at("next").as_int64(), 2);
  const auto second = history("limit=2&before=2");
  ASSERT_EQ(second.at("events").as_array().size(), 1U);
  EXPECT_EQ(second.at("events").at(0).at("sequence").as_int64(), 1);
  EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(Histories, HaveAHundredEventsAPageUnlessMoreAreAskedFor) {
  for (std::uint32_t i = 1; i <= 101; ++i) record(report(i, "downloading"));
  EXPECT_EQ(history().at("events").as_array().size(), 100U);
  EXPECT_EQ(history("limit=1000").at("events").as_array().size(), 101U);
}

TEST_F(Histories, TellHowFarTheUpdateHasCome) {
  const std::string deployment = deploy();
  auto found = history();
  EXPECT_EQ(found.at("update").at("deployment").as_string().c_str(), deployment);
  EXPECT_EQ(found.at("update").at("file"), "app.bin");
  EXPECT_EQ(found.at("update").at("image"),
            "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
  EXPECT_EQ(state_of(found), "offered");
  record(report(1, "installed", "", deployment));
  EXPECT_EQ(state_of(history()), "installed");
  record(report(2, "rolled_back", R"(,"code":"no_contact")", deployment));
  found = history();
  EXPECT_EQ(state_of(found), "rolled_back");
  EXPECT_EQ(found.at("update").at("code"), "no_contact");
}

TEST_F(Histories, CallAnUpdateDoneOnlyWhenTheDeviceRunsIt) {
  const std::string deployment = deploy();
  record(report(1, "failed", R"(,"code":"hash")", deployment));
  record(report(2, "confirmed", "", deployment));
  run("0.2.0", 0xAA);
  EXPECT_EQ(state_of(history()), "confirmed");
  const auto image = store_.facts_for_check({"00001", "0.1.0"})->file->sha256;
  ASSERT_TRUE(run_awaitable(store_.record_running("00001", {"0.2.0", image}, now_)).has_value());
  EXPECT_EQ(state_of(history()), "done");
  EXPECT_FALSE(history().at("update").as_object().contains("code"));
}

TEST_F(Histories, TellNoCodeOfAnUpdateThatIsDoneAfterAll) {
  record(report(1, "failed", R"(,"code":"hash")", deploy()));
  const auto image = store_.facts_for_check({"00001", "0.1.0"})->file->sha256;
  ASSERT_TRUE(run_awaitable(store_.record_running("00001", {"0.2.0", image}, now_)).has_value());
  EXPECT_EQ(state_of(history()), "done");
  EXPECT_FALSE(history().at("update").as_object().contains("code"));
}

TEST_F(Histories, OfAnUnknownDeviceAreNotFound) {
  EXPECT_EQ(record(report(1, "confirmed"), "00002").outcome, Outcome::not_found);
  EXPECT_EQ(get(std::nullopt, "00002").outcome, Outcome::not_found);
}

TEST_F(Histories, AreRefusedABadIdOrQuery) {
  FakeBody body(report(1, "confirmed"));
  EXPECT_EQ(run_awaitable(endpoints_.record("..", &body)).outcome, Outcome::bad_request);
  EXPECT_FALSE(body.was_read());
  EXPECT_EQ(get(std::nullopt, "..").outcome, Outcome::bad_request);
  EXPECT_EQ(get("limit=0").outcome, Outcome::bad_request);
}

TEST_F(Histories, RefuseAReportForItsReason) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "the report is not JSON"},
      {"{}", "the report's \"stream\" is missing"},
      {report(0, "confirmed"), "the report's \"sequence\" does not have the required form"},
      {report(1, "failed"), "the report's \"code\" is missing"},
      {std::string(protocol::kReportBytesMax + 1, ' '), "the report is too long"}};
  for (const auto& [text, reason] : rows) {
    const Answer answer = record(text);
    EXPECT_EQ(answer.outcome, Outcome::bad_request) << text;
    EXPECT_THAT(answer.text, HasSubstr(reason));
  }
  EXPECT_TRUE(history().at("events").as_array().empty());
}

TEST_F(Histories, RecordNothingThatDoesNotComeWhole) {
  FakeBody body(report(1, "confirmed"), 7, 100);
  EXPECT_EQ(run_awaitable(endpoints_.record("00001", &body)).outcome, Outcome::bad_request);
  EXPECT_TRUE(history().at("events").as_array().empty());
}

TEST_F(Histories, AreAnsweredWithoutTheStoresSecretsWhenItFails) {
  store_.fail_with({storage::StoreError::full, "disk on fire"});
  const Answer answer = record(report(1, "confirmed"));
  EXPECT_EQ(answer.outcome, Outcome::no_room);
  EXPECT_EQ(answer.detail, "disk on fire");
  EXPECT_EQ(get().detail, "disk on fire");
}

}  // namespace
}  // namespace fuota::server::api
