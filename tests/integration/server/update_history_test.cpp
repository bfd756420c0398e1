// What devices report and run, over TLS, against the real server: from the first report to an
// update that is done, and what of it outlives the server. Root documents likewise.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "server/storage/sha256.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/signed_manifest.hpp"

namespace fuota::server {
namespace {

using test_support::HttpResponse;
using test_support::signed_root;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace json = boost::json;

constexpr char kNew[] = "new firmware";
constexpr char kOld[] = "old firmware";

std::string sha256_of(const std::string& content) {
  storage::Sha256 hash;
  hash.update(content);
  return storage::to_hex(hash.finish());
}

class UpdateHistory : public ServerTest {
 protected:
  void SetUp() override {
    start();
    ASSERT_EQ(put_file("new.bin", kNew), 200);
    ASSERT_EQ(
        exchange("PUT", "/files/new.bin/manifest", test_support::signed_manifest(kNew)).status,
        200);
    ASSERT_EQ(put_device("00001", "0.1.0", "new.bin"), 200);
  }

  [[nodiscard]] HttpResponse check(const std::string& version, const std::string& content,
                                   const std::string& more = "") const {
    return exchange("GET",
                    "/devices/00001?app_ver=" + version + "&image=" + sha256_of(content) + more, "",
                    {"Accept: application/vnd.fuota.offer+json, text/csv;q=0.5"});
  }

  [[nodiscard]] std::string deployment() const {
    return json::parse(check("0.1.0", kOld).body).at("deployment").as_string().c_str();
  }

  [[nodiscard]] static std::string report_text(int sequence, const std::string& state,
                                               const std::string& deployment,
                                               const std::string& more = "") {
    return R"({"stream":"00f1e2d3c4b5a697","sequence":)" + std::to_string(sequence) +
           R"(,"state":")" + state + R"(","deployment":")" + deployment +
           R"(","version":"0.2.0","image":")" + sha256_of(kNew) + "\"" + more + "}";
  }

  [[nodiscard]] int report(int sequence, const std::string& state, const std::string& deployment,
                           const std::string& more = "") const {
    return exchange("POST", "/devices/00001/reports",
                    report_text(sequence, state, deployment, more),
                    {"Content-Type: application/json"})
        .status;
  }

  [[nodiscard]] json::value history(const std::string& query = "") const {
    const HttpResponse response = exchange("GET", "/api/v1/devices/00001/history" + query);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("content-type"), "application/json");
    return json::parse(response.body);
  }

  [[nodiscard]] static std::string state_of(const json::value& history) {
    return history.at("update").at("state").as_string().c_str();
  }

  /// What a server that is killed still knows.
  [[nodiscard]] static json::value without_contact(json::value history) {
    history.as_object().erase("contact");
    return history;
  }

  /// The events' states, or "running" for another image.
  [[nodiscard]] static std::vector<std::string> events_of(const json::value& history) {
    std::vector<std::string> events;
    for (const json::value& event : history.at("events").as_array()) {
      const bool report = event.at("kind") == "report";
      events.emplace_back(event.at(report ? "state" : "kind").as_string().c_str());
    }
    return events;
  }
};

TEST_F(UpdateHistory, TellsTheWholeWayOfAnUpdateAndIsDoneWhenTheDeviceComesBack) {
  const std::string id = deployment();
  EXPECT_EQ(state_of(history()), "offered");
  ASSERT_EQ(report(1, "downloading", id), 204);
  EXPECT_EQ(state_of(history()), "downloading");
  ASSERT_EQ(report(2, "installed", id), 204);
  EXPECT_EQ(state_of(history()), "installed");
  EXPECT_EQ(check("0.2.0", kNew).status, 204);
  EXPECT_EQ(state_of(history()), "done");
  ASSERT_EQ(report(3, "confirmed", id), 204);
  const json::value found = history();
  EXPECT_EQ(state_of(found), "done");
  EXPECT_EQ(found.at("update").at("deployment").as_string().c_str(), id);
  EXPECT_EQ(found.at("running").at("version"), "0.2.0");
  EXPECT_THAT(events_of(found),
              ElementsAre("confirmed", "running", "installed", "downloading", "running"));
}

TEST_F(UpdateHistory, IsNotDoneForAReportAlone) {
  ASSERT_EQ(report(1, "confirmed", deployment()), 204);
  EXPECT_EQ(check("0.1.0", kOld).status, 200);
  EXPECT_EQ(state_of(history()), "confirmed");
}

TEST_F(UpdateHistory, TellsARollBackAndWhy) {
  const std::string id = deployment();
  EXPECT_EQ(check("0.2.0", kNew).status, 204);
  EXPECT_EQ(check("0.1.0", kOld).status, 200);
  ASSERT_EQ(report(1, "rolled_back", id, R"(,"code":"no_contact","reset_reason":"task watchdog")"),
            204);
  const json::value found = history();
  EXPECT_EQ(state_of(found), "rolled_back");
  EXPECT_EQ(found.at("update").at("code"), "no_contact");
  EXPECT_THAT(events_of(found), ElementsAre("rolled_back", "running", "running", "running"));
}

TEST_F(UpdateHistory, HasAReportOnceHoweverOftenItComes) {
  const std::string id = deployment();
  ASSERT_EQ(report(1, "downloading", id), 204);
  ASSERT_EQ(report(2, "installed", id), 204);
  ASSERT_EQ(report(1, "downloading", id), 204);
  const json::value found = history();
  EXPECT_THAT(events_of(found), ElementsAre("installed", "downloading", "running"));
  EXPECT_EQ(state_of(found), "installed");
}

TEST_F(UpdateHistory, KeepsTheOrderInWhichThingsCameAndTheStateOfTheLastReport) {
  const std::string id = deployment();
  ASSERT_EQ(report(2, "installed", id), 204);
  ASSERT_EQ(report(1, "downloading", id), 204);
  const json::value found = history();
  EXPECT_THAT(events_of(found), ElementsAre("downloading", "installed", "running"));
  EXPECT_EQ(state_of(found), "installed");
}

TEST_F(UpdateHistory, ComesInPages) {
  for (int sequence = 1; sequence <= 5; ++sequence) {
    ASSERT_EQ(report(sequence, "downloading", "d"), 204);
  }
  std::vector<std::int64_t> numbers;
  std::string query = "?limit=2";
  for (int page = 0; page < 3; ++page) {
    const json::value found = history(query);
    for (const json::value& event : found.at("events").as_array()) {
      numbers.push_back(event.at("event").as_int64());
    }
    if (found.at("next").is_null()) break;
    query = "?limit=2&before=" + std::to_string(found.at("next").as_int64());
  }
  EXPECT_THAT(numbers, ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(UpdateHistory, OutlivesTheServer) {
  const std::string id = deployment();
  ASSERT_EQ(report(1, "downloading", id), 204);
  ASSERT_EQ(report(2, "installed", id), 204);
  const json::value before = without_contact(history());
  server_->signal(SIGKILL);
  ASSERT_EQ(server_->wait(), -SIGKILL);
  start();
  EXPECT_EQ(without_contact(history()), before);
  ASSERT_EQ(report(2, "installed", id), 204);
  EXPECT_EQ(check("0.1.0", kOld).status, 200);
  EXPECT_EQ(without_contact(history()), before);
  EXPECT_EQ(check("0.2.0", kNew).status, 204);
  EXPECT_EQ(state_of(history()), "done");
}

TEST_F(UpdateHistory, TellsTheLastContactAndKeepsItOverACleanStop) {
  EXPECT_EQ(history().at("contact"), nullptr);
  EXPECT_EQ(check("0.2.0", kNew).status, 204);
  const json::value contact = history().at("contact");
  EXPECT_EQ(contact.at("version"), "0.2.0");
  EXPECT_EQ(contact.at("address"), "127.0.0.1");
  server_->signal(SIGTERM);
  ASSERT_EQ(server_->wait(), 0);
  start();
  EXPECT_EQ(history().at("contact"), contact);
}

TEST_F(UpdateHistory, IsGoneWithTheDevice) {
  ASSERT_EQ(report(1, "downloading", "d"), 204);
  ASSERT_EQ(exchange("DELETE", "/devices/00001").status, 200);
  EXPECT_EQ(exchange("GET", "/api/v1/devices/00001/history").status, 404);
  EXPECT_EQ(report(1, "downloading", "d"), 404);
  ASSERT_EQ(put_device("00001", "0.1.0", "new.bin"), 200);
  EXPECT_TRUE(history().at("events").as_array().empty());
}

TEST_F(UpdateHistory, AnswersToHeadAsToGet) {
  const HttpResponse get = exchange("GET", "/api/v1/devices/00001/history");
  const HttpResponse head = exchange("HEAD", "/api/v1/devices/00001/history");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("content-length"), get.field("content-length"));
  EXPECT_EQ(head.body, "");
}

TEST_F(UpdateHistory, ExplainsAProblemInAProblemDocument) {
  const HttpResponse response = exchange("GET", "/api/v1/devices/00002/history");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.field("content-type"), "application/problem+json");
  EXPECT_EQ(json::parse(response.body).at("status"), 404);
  EXPECT_EQ(exchange("GET", "/api/v1/devices/00001/history?limit=1001").status, 400);
}

TEST_F(UpdateHistory, RefusesReportsThatBreakTheRules) {
  const auto post = [this](const std::string& text, const std::string& id = "00001") {
    return exchange("POST", "/devices/" + id + "/reports", text);
  };
  const HttpResponse malformed = post("{}");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.body, "the report's \"stream\" is missing\n");
  EXPECT_EQ(post(std::string(1024, ' ')).status, 400);
  EXPECT_EQ(post(std::string(1025, ' ')).status, 413);
  EXPECT_EQ(post(report_text(1, "installed", "d"), "00002").status, 404);
  EXPECT_EQ(post(report_text(1, "installed", "d"), "..").status, 400);
  EXPECT_EQ(exchange("POST", "/devices/00001/reports").status, 411);
  const HttpResponse get = exchange("GET", "/devices/00001/reports");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.field("allow"), "POST");
  EXPECT_TRUE(history().at("events").as_array().empty());
}

using Roots = UpdateHistory;

TEST_F(Roots, AreServedByteForByteAlsoAfterARestart) {
  const std::string first = signed_root(1) + "\r\n";
  ASSERT_EQ(exchange("PUT", "/roots/1", first).status, 200);
  ASSERT_EQ(exchange("PUT", "/roots/2", signed_root(2)).status, 200);
  server_->signal(SIGKILL);
  ASSERT_EQ(server_->wait(), -SIGKILL);
  start();
  const HttpResponse response = exchange("GET", "/roots/1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("content-type"), "application/jose+json");
  EXPECT_EQ(response.body, first);
  EXPECT_EQ(exchange("HEAD", "/roots/1").field("content-length"), std::to_string(first.size()));
  EXPECT_EQ(exchange("GET", "/roots/3").status, 404);
}

TEST_F(Roots, AreTakenInOrderAndNeverChanged) {
  const HttpResponse gap = exchange("PUT", "/roots/2", signed_root(2));
  EXPECT_EQ(gap.status, 409);
  EXPECT_THAT(gap.body, HasSubstr("PUT the one before first"));
  ASSERT_EQ(exchange("PUT", "/roots/1", signed_root(1)).status, 200);
  EXPECT_EQ(exchange("PUT", "/roots/1", signed_root(1)).status, 200);
  EXPECT_EQ(exchange("PUT", "/roots/1", signed_root(1) + "\n").status, 409);
  EXPECT_EQ(exchange("PUT", "/roots/2", signed_root(1)).status, 400);
  EXPECT_EQ(exchange("PUT", "/roots/0", signed_root(1)).status, 400);
  EXPECT_EQ(exchange("PUT", "/roots/2", "{}").status, 400);
  EXPECT_EQ(exchange("PUT", "/roots/2", std::string(3073, ' ')).status, 413);
  EXPECT_EQ(exchange("DELETE", "/roots/1").field("allow"), "GET, HEAD, PUT");
  EXPECT_EQ(exchange("GET", "/roots/2").status, 404);
}

TEST_F(Roots, AreNamedToADeviceThatTrustsAnOlderOne) {
  EXPECT_EQ(check("0.1.0", kOld, "&root=0").field("fuota-root"), "");
  ASSERT_EQ(exchange("PUT", "/roots/1", signed_root(1)).status, 200);
  ASSERT_EQ(exchange("PUT", "/roots/2", signed_root(2)).status, 200);
  const HttpResponse offer = check("0.1.0", kOld, "&root=0");
  EXPECT_EQ(offer.status, 200);
  EXPECT_THAT(offer.body, StartsWith("{\"deployment\""));
  EXPECT_EQ(offer.field("fuota-root"), "2");
  const HttpResponse nothing = check("0.2.0", kNew, "&root=1");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.field("fuota-root"), "2");
  ASSERT_EQ(put_device("00001", "0.1.0", "missing.bin"), 200);
  const HttpResponse missing = check("0.1.0", kOld, "&root=1");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.field("fuota-root"), "2");
  EXPECT_EQ(check("0.1.0", kOld, "&root=2").field("fuota-root"), "");
  EXPECT_EQ(check("0.1.0", kOld).field("fuota-root"), "");
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0&root=0").field("fuota-root"), "");
}

}  // namespace
}  // namespace fuota::server
