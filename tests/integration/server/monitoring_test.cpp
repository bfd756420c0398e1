// What a running server tells of itself: metrics, health, readiness, and its log in JSON.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <csignal>
#include <set>
#include <sstream>
#include <thread>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::ServerOptions;
using test_support::ServerProcess;
using test_support::TlsClient;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// More than any disk of a test machine has left.
constexpr char kFileBeyondEveryDisk[] = "1099511627776";

class Monitoring : public ServerTest {
 protected:
  void start_watched(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--admin-listen", "127.0.0.1:0"});
    start(arguments);
    ASSERT_NE(server_->admin_port(), 0) << server_->log();
  }

  [[nodiscard]] std::string metrics() const { return server_->ask_admin("/metrics").body; }

  /// The value of the sample with this name and these labels; 0 when it isn't there.
  [[nodiscard]] double value(const std::string& sample) const {
    const std::string text = "\n" + metrics();
    const std::size_t at = text.find("\n" + sample + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + sample.size() + 2));
  }

  /// Waits until the sample has this value: what ends is counted when the client knows already.
  [[nodiscard]] bool comes_to(const std::string& sample, double expected) const {
    for (int i = 0; i < 2000; ++i) {
      if (value(sample) == expected) return true;
    }
    ADD_FAILURE() << sample << " is " << value(sample);
    return false;
  }

  [[nodiscard]] std::size_t series() const {
    std::istringstream lines(metrics());
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) count += line.starts_with('#') ? 0 : 1;
    return count;
  }

  [[nodiscard]] std::string readiness() const {
    const HttpResponse response = server_->ask_admin("/readyz");
    return std::to_string(response.status) + " " + response.body;
  }

  /// Lets no file of the server grow beyond `bytes`: a full disk for one process.
  void limit_file_size(rlim_t bytes) const {
    rlimit limit{};
    ASSERT_EQ(::prlimit(server_->pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
    limit.rlim_cur = bytes;
    ASSERT_EQ(::prlimit(server_->pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  }
};

TEST_F(Monitoring, CountsRequestsByRouteMethodAndStatus) {
  start_watched();
  ASSERT_EQ(put_file("app.bin", "an image"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  ASSERT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").status, 200);
  ASSERT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204);
  ASSERT_EQ(exchange("GET", "/no/such/path").status, 404);
  const std::string device = R"(fuota_http_requests_total{route="/devices/{}",method=)";
  EXPECT_TRUE(comes_to(device + R"("PUT",status="200"})", 1));
  EXPECT_TRUE(comes_to(device + R"("GET",status="200"})", 1));
  EXPECT_TRUE(comes_to(device + R"("GET",status="204"})", 1));
  EXPECT_TRUE(comes_to(R"(fuota_http_requests_total{route="none",method="GET",status="404"})", 1));
  EXPECT_TRUE(comes_to(
      R"(fuota_http_request_duration_seconds_count{route="/devices/{}",method="GET"})", 2));
  EXPECT_GE(value(R"(fuota_store_call_duration_seconds_count{call="put_device",effect="change"})"),
            1);
}

TEST_F(Monitoring, CountsTheFleetAndItsContacts) {
  start_watched();
  ASSERT_EQ(put_file("app.bin", "an image"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  ASSERT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").status, 200);
  EXPECT_TRUE(comes_to("fuota_contacts_recorded_total", 1));
  // The fleet is counted at the start, and then every minute.
  start_watched();
  EXPECT_TRUE(comes_to("fuota_devices", 1));
  EXPECT_TRUE(comes_to(R"(fuota_devices_by_update_state{state="offered"})", 1));
}

TEST_F(Monitoring, CountsChecksThatAreToldToComeLater) {
  start_watched({"--checks-per-second", "1", "--downloads-max", "7"});
  const auto check = [this] {
    return exchange("GET", "/devices/1?app_ver=1").field("retry-after");
  };
  int put_off = 0;
  // More than a second's come at once.
  for (int i = 0; i < 100 && put_off == 0; ++i) put_off += check().empty() ? 0 : 1;
  EXPECT_EQ(put_off, 1);
  EXPECT_EQ(value("fuota_checks_put_off_total"), 1);
  EXPECT_EQ(value("fuota_downloads_limit"), 7);
}

TEST_F(Monitoring, CountsFullAndResumedHandshakesAndThoseThatFail) {
  start_watched();
  ClientOptions options = server_->client();
  options.tls_version_max = TLS1_2_VERSION;
  {
    const TlsClient first(options);
    options.session = first.session();
  }
  { const TlsClient second(options); }
  options.with_tls = false;
  { TlsClient(options).send("no TLS at all\r\n"); }
  const std::string name = "fuota_tls_handshake_duration_seconds_count";
  EXPECT_TRUE(comes_to(name + R"({outcome="full"})", 1));
  EXPECT_TRUE(comes_to(name + R"({outcome="resumed"})", 1));
  EXPECT_TRUE(comes_to(name + R"({outcome="failed"})", 1));
  EXPECT_TRUE(comes_to("fuota_connections_open", 0));
  EXPECT_EQ(value("fuota_connections_total"), 3);
}

TEST_F(Monitoring, ShowsADownloadWhileItLastsAndItsBytesAfterwards) {
  start_watched();
  const std::string large(8'000'000, 'x');
  ASSERT_EQ(put_file("large.bin", large), 200);
  EXPECT_TRUE(comes_to("fuota_http_received_body_bytes_total", 8'000'000));
  const double sent_before = value("fuota_http_sent_body_bytes_total");
  ClientOptions client = server_->client();
  client.receive_buffer_bytes = 65536;
  TlsClient tls(client);
  tls.send(ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
  EXPECT_TRUE(comes_to("fuota_downloads_in_progress", 1));
  EXPECT_EQ(HttpReader(tls).receive().body.size(), large.size());
  EXPECT_TRUE(comes_to("fuota_downloads_in_progress", 0));
  EXPECT_TRUE(comes_to("fuota_http_sent_body_bytes_total", sent_before + 8'000'000));
}

TEST_F(Monitoring, StaysBoundedWhateverPathsMethodsAndVersionsAreAskedFor) {
  start_watched();
  const auto ask = [this](int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string odd = std::to_string(i);
      const char* const shapes[] = {"/x", "/devices/", "/files/", "/api/v1/", "/roots/"};
      for (const char* shape : shapes) {
        static_cast<void>(exchange("GET", shape + odd));
        static_cast<void>(
            exchange("X" + std::string(1, static_cast<char>('A' + i % 26)), shape + odd));
      }
    }
  };
  ask(0, 5);
  const std::size_t before = series();
  ask(5, 25);
  EXPECT_EQ(series(), before);
  EXPECT_THAT(metrics(), Not(HasSubstr("/devices/1")));
}

TEST_F(Monitoring, IsNotOnThePublicAddress) {
  start_watched();
  for (const char* path : {"/metrics", "/healthz", "/readyz"}) {
    EXPECT_EQ(exchange("GET", path).status, 404) << path;
    TlsClient stranger(server_->client());
    stranger.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(HttpReader(stranger).receive().status, AnyOf(401, 403)) << path;
  }
}

TEST_F(Monitoring, ShowsNothingElseOnTheAdminAddress) {
  start_watched();
  EXPECT_EQ(server_->ask_admin("/devices").status, 404);
  EXPECT_EQ(server_->ask_admin("/").status, 404);
}

TEST_F(Monitoring, IsSwitchedOffByAFlag) {
  start({"--admin-listen", "off"});
  EXPECT_EQ(server_->admin_port(), 0);
}

TEST_F(Monitoring, RefusesAnAdminAddressThatIsInUseWhenItWasAskedFor) {
  start();
  ServerOptions second;
  second.data_directory = directory_.path() / "other";
  second.arguments = {"--admin-listen", "127.0.0.1:" + std::to_string(server_->port())};
  ServerProcess refused(second);
  EXPECT_EQ(refused.wait(), 1);
  EXPECT_THAT(refused.log(), HasSubstr("--admin-listen off"));
}

TEST_F(Monitoring, DoesWithoutTheDefaultAdminAddressWhenThatIsInUse) {
  // Whoever has the port, this test or another program: the second of the two does without it.
  ServerOptions options;
  options.environment["FUOTA_ADMIN_LISTEN"] = "";
  options.data_directory = directory_.path() / "first";
  const ServerProcess first(options);
  options.data_directory = directory_.path() / "second";
  const ServerProcess second(options);
  ASSERT_NE(second.port(), 0) << second.log();
  EXPECT_EQ(second.admin_port(), 0);
  EXPECT_THAT(second.log(), HasSubstr("warning no metrics and health: port 50001"));
}

TEST_F(Monitoring, IsHealthyAndReady) {
  start_watched();
  EXPECT_EQ(server_->ask_admin("/healthz").status, 200);
  EXPECT_EQ(readiness(), "200 ready\n");
}

TEST_F(Monitoring, IsNotReadyWithoutRoomForAFile) {
  start_watched({"--file-bytes-max", kFileBeyondEveryDisk});
  EXPECT_THAT(readiness(), HasSubstr("503 the disk has "));
  EXPECT_EQ(value("fuota_ready"), 0);
  EXPECT_EQ(server_->ask_admin("/healthz").status, 200);
}

TEST_F(Monitoring, IsNotReadyWhileTheDatabaseCantBeWritten) {
  start_watched();
  ASSERT_EQ(put_file("app.bin", "an image"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  ASSERT_EQ(readiness(), "200 ready\n");
  limit_file_size(0);
  EXPECT_THAT(put_device("00002", "0.1.0", "app.bin"), AnyOf(503, 507));
  EXPECT_THAT(readiness(), HasSubstr("503 the last change f"));
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").status, 200);
  limit_file_size(RLIM_INFINITY);
  ASSERT_EQ(put_device("00002", "0.1.0", "app.bin"), 200);
  EXPECT_EQ(readiness(), "200 ready\n");
  EXPECT_GE(value(R"(fuota_store_failures_total{effect="change",error="unavailable"})") +
                value(R"(fuota_store_failures_total{effect="change",error="full"})"),
            1);
}

TEST_F(Monitoring, IsNotReadyWhenItStopsAndHealthyToTheEnd) {
  start_watched({"--shutdown-grace", "3600", "--write-deadline", "3600"});
  ASSERT_EQ(put_file("large.bin", std::string(8'000'000, 'x')), 200);
  ClientOptions client = server_->client();
  client.receive_buffer_bytes = 4096;
  TlsClient tls(client);
  tls.send(ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
  ASSERT_TRUE(tls.readable_within(20'000));
  server_->signal(SIGTERM);
  ASSERT_TRUE(server_->wait_for_log("stopping after"));
  EXPECT_EQ(readiness(), "503 the server is stopping\n");
  EXPECT_EQ(server_->ask_admin("/healthz").status, 200);
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0);
}

TEST_F(Monitoring, LogsOneObjectALineInJson) {
  start({"--log-format", "json", "--verbose"});
  static_cast<void>(exchange("GET", "/files/%0a\xff\"quoted\\"));
  {
    TlsClient garbage(server_->client());
    garbage.send("GET /cut HTTP/7\r\n\r\n");
    EXPECT_EQ(HttpReader(garbage).receive().status, 505);
  }
  ClientOptions plain = server_->client();
  plain.with_tls = false;
  { TlsClient(plain).send("no TLS at all\r\n"); }
  ASSERT_TRUE(server_->wait_for_log("TLS handshake with"));
  ASSERT_TRUE(server_->wait_for_log("/cut"));
  server_->signal(SIGTERM);
  ASSERT_EQ(server_->wait(), 0);
  ASSERT_TRUE(server_->wait_for_log("\"stopped\""));
  std::istringstream lines(server_->log());
  std::set<std::string> paths;
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    const boost::json::value entry = boost::json::parse(line, error);
    ASSERT_FALSE(error) << line;
    for (const char* field : {"time", "level", "event"}) {
      EXPECT_TRUE(entry.at(field).is_string()) << line;
    }
    if (entry.at("event") == "request") paths.insert(entry.at("path").as_string().c_str());
  }
  EXPECT_THAT(paths, testing::ElementsAre("/cut", "/files/%0a\\xff\"quoted\\x5c"));
}

TEST_F(Monitoring, SaysInJsonWhyItDoesNotStart) {
  start();
  ServerOptions second;
  second.data_directory = directory_.path() / "data";
  second.arguments = {"--log-format", "json"};
  ServerProcess refused(second);
  EXPECT_EQ(refused.wait(), 1);
  boost::system::error_code error;
  const auto entry = boost::json::parse(refused.log(), error);
  ASSERT_FALSE(error) << refused.log();
  EXPECT_EQ(entry.at("level"), "error");
  EXPECT_THAT(std::string(entry.at("message").as_string()), HasSubstr("held by another"));
}

}  // namespace
}  // namespace fuota::server
