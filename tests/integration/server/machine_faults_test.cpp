// What a machine does to a server that runs: its file system turns read-only, its clock jumps. What
// can't be done is refused with the documented status, all else goes on, and nothing that was
// acknowledged is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "server/api/access_token.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/basic_authorization.hpp"
#include "tests/support/server/machine_faults.hpp"
#include "tests/support/server/tls_client.hpp"

namespace fuota::server {
namespace {

using api::make_token;
using api::TokenKind;
using test_support::basic_authorization;
using test_support::HttpReader;
using test_support::MachineFaults;
using test_support::TlsClient;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kCheck[] = "/devices/00001?app_ver=0.1.0";

class FaultyMachine : public ServerTest {
 protected:
  void start(std::vector<std::string> arguments = {}) {
    test_support::ServerOptions options;
    options.data_directory = data_;
    options.arguments = std::move(arguments);
    options.arguments.insert(options.arguments.end(), {"--host", "127.0.0.1"});
    options.environment["LD_PRELOAD"] = FUOTA_FAULTY_MACHINE;
    options.environment["FUOTA_MACHINE_FAULTS"] = (directory_.path() / "faults").string();
    server_.reset();
    server_ = std::make_unique<test_support::ServerProcess>(options);
    ASSERT_NE(server_->port(), 0) << server_->log();
    ASSERT_EQ(put_file("app.bin", "firmware"), 200);
    ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  }

  /// Ends the server with grace, and starts the next one on a machine without faults.
  void restart_on_a_good_machine() {
    server_->signal(SIGTERM);
    ASSERT_EQ(server_->wait(), 0) << server_->log();
    ServerTest::start();
  }

  /// The year in which the device has asked last, as its history says.
  [[nodiscard]] std::string year_of_contact() const {
    const auto history = exchange("GET", "/api/v1/devices/00001/history");
    const auto parsed = boost::json::parse(history.body);
    const auto& seen = parsed.at("contact");
    return seen.is_null() ? "never" : std::string(seen.at("at").as_string()).substr(0, 4);
  }

  const std::filesystem::path data_ = directory_.path() / "data";
  MachineFaults machine_{directory_.path() / "faults"};
};

TEST_F(FaultyMachine, WhoseFileSystemTurnsReadOnlyIsServedFromAndTakesChangesWhenItIsWritable) {
  start();
  machine_.make_read_only(data_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(exchange("GET", kCheck).body, "app.bin");
    EXPECT_EQ(get_file("app.bin"), "firmware");
    const auto refused = exchange("PUT", "/devices/00002", "\"00002\",\"0.1.0\",\"app.bin\"");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.field("retry-after"), "");
    EXPECT_EQ(put_file("app.bin", "newer firmware"), 503);
  }
  EXPECT_THAT(server_->log(), HasSubstr("Read-only file system"));
  // Contacts are tried again and again, and wait.
  EXPECT_TRUE(server_->wait_for_log("contacts wait in memory"));
  EXPECT_NE(year_of_contact(), "never");
  machine_.make_writable();
  EXPECT_EQ(put_device("00002", "0.1.0", "app.bin"), 200);
  EXPECT_EQ(put_file("app.bin", "newer firmware"), 200);
  EXPECT_EQ(get_file("app.bin"), "newer firmware");
  restart_on_a_good_machine();
  EXPECT_NE(year_of_contact(), "never");
  EXPECT_THAT(get_devices(), HasSubstr("00002"));
}

TEST_F(FaultyMachine, WhoseFileSystemIsReadOnlyAtTheEndLosesNothingThatWasAcknowledged) {
  start();
  machine_.make_read_only(data_);
  EXPECT_EQ(exchange("GET", kCheck).body, "app.bin");
  restart_on_a_good_machine();
  EXPECT_EQ(exchange("GET", kCheck).body, "app.bin");
}

/// Longer than any key, token or session of this test, and than any deadline.
constexpr std::chrono::hours kYears{24 * 365 * 30};

TEST_F(FaultyMachine, WhoseClockJumpsLosesNothingThatWasAcknowledged) {
  start();
  const std::string now = exchange("GET", kCheck).field("date").substr(12, 4);
  machine_.set_clock_ahead(kYears);
  EXPECT_EQ(exchange("GET", kCheck).body, "app.bin");
  const std::string ahead = year_of_contact();
  EXPECT_NE(ahead, now);
  EXPECT_THAT(exchange("GET", kCheck).field("date"), HasSubstr(ahead));
  EXPECT_EQ(put_device("ahead", "0.1.0", "app.bin"), 200);
  machine_.set_clock_ahead(-kYears);
  EXPECT_EQ(exchange("GET", kCheck).body, "app.bin");
  const std::string behind = year_of_contact();
  EXPECT_LT(behind, now);
  EXPECT_EQ(put_device("behind", "0.1.0", "app.bin"), 200);
  // The audit log is in the order in which things were done, each with the time that it was then.
  const auto audit = boost::json::parse(exchange("GET", "/api/v1/audit").body);
  const auto& entries = audit.at("entries").as_array();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].at("object").as_string(), "behind");
  EXPECT_THAT(std::string(entries[0].at("at").as_string()), StartsWith(behind));
  EXPECT_EQ(entries[1].at("object").as_string(), "ahead");
  EXPECT_THAT(std::string(entries[1].at("at").as_string()), StartsWith(ahead));
  // The last contact is the one that was recorded last.
  restart_on_a_good_machine();
  EXPECT_EQ(year_of_contact(), behind);
  EXPECT_THAT(get_devices(), AllOf(HasSubstr("ahead"), HasSubstr("behind")));
}

TEST_F(FaultyMachine, WhoseClockJumpsEndsKeysAndTokensByTheTimeThatItSays) {
  start();
  const auto made =
      exchange("POST", "/api/v1/fleet-keys", R"({"label":"move","expires_in_s":3600})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string key(boost::json::parse(made.body).at("key").as_string());
  const auto enrol = [&](const std::string& device) {
    test_support::HttpRequest request;
    request.method = "POST";
    request.target = "/devices/" + device + "/enrolment";
    request.body = make_token(TokenKind::device);
    request.authorization = basic_authorization("any", key);
    return server_->exchange(request).status;
  };
  EXPECT_EQ(enrol("d1"), 204);
  machine_.set_clock_ahead(kYears);
  EXPECT_EQ(enrol("d2"), 403);
  machine_.set_clock_ahead(std::chrono::seconds(0));
  EXPECT_EQ(enrol("d2"), 204);
}

TEST_F(FaultyMachine, WhoseClockJumpsEndsNoConnectionForThat) {
  // The one deadline is short, so that others are looked at often.
  start({"--handshake-deadline", "0.2", "--header-deadline", "3600", "--idle-deadline", "3600"});
  test_support::HttpRequest check;
  check.target = kCheck;
  const std::string request = test_support::ServerProcess::to_text(check);
  TlsClient idle(server_->client());
  idle.send(request.substr(0, 20));
  for (const auto ahead : {kYears, -kYears}) {
    machine_.set_clock_ahead(ahead);
    // One that doesn't shake hands loses its connection all the same.
    auto without_tls = server_->client();
    without_tls.with_tls = false;
    TlsClient silent(without_tls);
    EXPECT_EQ(silent.receive_all(), "");
  }
  idle.send(request.substr(20));
  EXPECT_EQ(HttpReader(idle).receive().status, 200);
}

}  // namespace
}  // namespace fuota::server
