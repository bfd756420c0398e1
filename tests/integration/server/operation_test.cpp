// Starting, refusing to start, logging and stopping.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::ServerOptions;
using test_support::ServerProcess;
using test_support::TlsClient;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Operation : public ServerTest {
 protected:
  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.data_directory = directory_.path() / "data";
    return options;
  }

  /// Starts a server whose deadlines no client runs into while a test lasts.
  void start_patient(const std::string& grace_seconds) {
    start({"--shutdown-grace", grace_seconds, "--handshake-deadline", "3600", "--header-deadline",
           "3600", "--idle-deadline", "3600", "--body-deadline", "3600", "--write-deadline",
           "3600"});
  }

  [[nodiscard]] bool accepts_connections() const {
    test_support::ClientOptions client = server_->client();
    client.with_tls = false;
    try {
      const TlsClient connected(client);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  /// Starts a server that is expected not to start, and returns the line that it says.
  static std::string refusal(const ServerOptions& options) {
    ServerProcess server(options);
    EXPECT_EQ(server.port(), 0);
    EXPECT_THAT(server.wait(), testing::AnyOf(1, 2));
    const std::string log = server.log();
    EXPECT_THAT(log, HasSubstr("fuota-server: "));
    std::string line = log.substr(log.find("fuota-server: "));
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    return line;
  }
};

TEST_F(Operation, SaysWhereItListensAndWhichFileDevicesNeed) {
  start();
  EXPECT_TRUE(server_->wait_for_log("copy " + server_->certificate().string()));
  EXPECT_THAT(server_->log(), HasSubstr("made a certificate for 127.0.0.1"));
}

TEST_F(Operation, KeepsItsCertificateOverARestart) {
  start();
  std::ifstream before(server_->certificate());
  const std::string certificate(std::istreambuf_iterator<char>(before), {});
  start();
  std::ifstream after(server_->certificate());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(after), {}), certificate);
}

TEST_F(Operation, WarnsOfAHostThatTheCertificateIsNotValidFor) {
  start();
  start({"--host", "updates.example.org"});
  EXPECT_THAT(server_->log(), HasSubstr("is not valid for updates.example.org"));
}

TEST_F(Operation, TakesACertificateFromElsewhere) {
  start();
  const std::filesystem::path elsewhere = directory_.path() / "elsewhere";
  std::filesystem::create_directory(elsewhere);
  std::filesystem::rename(directory_.path() / "data" / "ca_cert.pem", elsewhere / "cert.pem");
  std::filesystem::rename(directory_.path() / "data" / "ca_key.pem", elsewhere / "key.pem");
  start({"--cert", (elsewhere / "cert.pem").string(), "--key", (elsewhere / "key.pem").string()});
  test_support::ClientOptions client = server_->client();
  client.certificate = elsewhere / "cert.pem";
  TlsClient tls(client);
  tls.send(ServerProcess::to_text({"GET", "/devices", "", {}}));
  EXPECT_EQ(HttpReader(tls).receive().status, 200);
}

TEST_F(Operation, DoesNotStartWithoutAPassword) {
  ServerOptions without = options();
  without.environment.erase("US_AUTH_PASSWORD");
  EXPECT_THAT(refusal(without), HasSubstr("set US_AUTH_USERNAME and US_AUTH_PASSWORD"));
}

TEST_F(Operation, DoesNotStartOnADataDirectoryThatAnotherServerHolds) {
  start();
  EXPECT_THAT(refusal(options()), HasSubstr("held by another fuota-server"));
}

TEST_F(Operation, DoesNotStartOnAPortThatIsInUse) {
  start();
  ServerOptions second = options();
  second.data_directory = directory_.path() / "other";
  second.default_listen = false;
  second.arguments = {"--listen", "127.0.0.1:" + std::to_string(server_->port())};
  EXPECT_THAT(refusal(second), HasSubstr("is in use"));
}

TEST_F(Operation, DoesNotStartWithAKeyOfAnotherCertificate) {
  start();
  server_.reset();
  const std::filesystem::path data = directory_.path() / "data";
  std::filesystem::rename(data / "ca_key.pem", directory_.path() / "old_key.pem");
  std::filesystem::rename(data / "ca_cert.pem", directory_.path() / "old_cert.pem");
  start();
  server_.reset();
  std::filesystem::rename(directory_.path() / "old_key.pem", data / "ca_key.pem");
  EXPECT_THAT(refusal(options()), HasSubstr("can't be used with the certificate"));
}

TEST_F(Operation, DoesNotStartWithACertificateThatHasNoKey) {
  start();
  server_.reset();
  std::filesystem::remove(directory_.path() / "data" / "ca_key.pem");
  EXPECT_THAT(refusal(options()), HasSubstr("has no key"));
}

TEST_F(Operation, DoesNotStartOnADamagedDatabase) {
  std::filesystem::create_directory(directory_.path() / "data");
  std::ofstream(directory_.path() / "data" / "fuota.db") << std::string(8192, 'x');
  EXPECT_THAT(refusal(options()), HasSubstr("fuota.db"));
}

TEST_F(Operation, DoesNotStartWhereItMayNotWrite) {
  std::ofstream(directory_.path() / "file") << "not a folder";
  ServerOptions elsewhere = options();
  elsewhere.data_directory = directory_.path() / "file" / "data";
  EXPECT_THAT(refusal(elsewhere), HasSubstr("--data-dir"));
}

TEST_F(Operation, TakesItsSettingsFromAFile) {
  const std::filesystem::path file = directory_.path() / "fuota.conf";
  std::ofstream(file) << "auth-username = \"file_user\"\nauth-password = \"file_password\"\n";
  ServerOptions from_file = options();
  from_file.environment = {};
  from_file.arguments = {"--config", file.string(), "--host", "127.0.0.1"};
  const ServerProcess server(from_file);
  TlsClient tls(server.client());
  tls.send("GET /devices HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization("file_user", "file_password") + "\r\n\r\n");
  EXPECT_EQ(HttpReader(tls).receive().status, 200);
}

TEST_F(Operation, LogsOneLinePerRequest) {
  start();
  static_cast<void>(exchange("GET", "/devices/00001?app_ver=0.1.0"));
  ASSERT_TRUE(server_->wait_for_log("user=server_username"));
  const std::string log = server_->log();
  const std::size_t begin = log.rfind('\n', log.find("request method=")) + 1;
  EXPECT_THAT(log.substr(begin, log.find('\n', begin) - begin),
              MatchesRegex("[0-9T:.+-]+ info request method=GET path=/devices/00001.app_ver=0.1.0 "
                           "status=404 bytes=[0-9]+ duration_ms=[0-9.]+ "
                           "peer=127.0.0.1:[0-9]+ user=server_username"));
}

TEST_F(Operation, LogsAHostilePathInOneLine) {
  start();
  static_cast<void>(exchange("GET", "/files/%0a\xff\"quoted\\"));
  EXPECT_TRUE(server_->wait_for_log("path=/files/%0a\\xff\\x22quoted\\x5c status=400 "));
  EXPECT_THAT(server_->log(), Not(HasSubstr("\xff")));
}

class StopSignals : public Operation, public testing::WithParamInterface<int> {};

TEST_P(StopSignals, EndTheServerWithStatus0) {
  start();
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  server_->signal(GetParam());
  EXPECT_EQ(server_->wait(), 0);
  EXPECT_TRUE(server_->wait_for_log("stopped"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "data" / "fuota.db-wal"));
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignals, testing::Values(SIGTERM, SIGINT));

TEST_F(Operation, LetsADownloadEndWhenItStops) {
  start();
  const std::string large(8'000'000, 'x');
  ASSERT_EQ(put_file("large.bin", large), 200);
  test_support::ClientOptions client = server_->client();
  client.receive_buffer_bytes = 65536;
  TlsClient tls(client);
  tls.send(ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
  ASSERT_TRUE(tls.readable_within(20'000));
  server_->signal(SIGTERM);
  ASSERT_TRUE(server_->wait_for_log("stopping after the requests in progress"));
  while (accepts_connections()) std::this_thread::yield();
  const HttpResponse response = HttpReader(tls).receive();
  EXPECT_TRUE(response.body == large);
  EXPECT_EQ(server_->wait(), 0);
}

TEST_F(Operation, StopsWithinItsGraceWhateverAClientDoes) {
  start_patient("0.1");
  ASSERT_EQ(put_file("large.bin", std::string(8'000'000, 'x')), 200);
  test_support::ClientOptions client = server_->client();
  client.receive_buffer_bytes = 4096;
  TlsClient tls(client);
  tls.send(ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
  ASSERT_TRUE(tls.readable_within(20'000));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0);
}

TEST_F(Operation, StopsAtOnceAtASecondSignal) {
  start_patient("3600");
  TlsClient tls(server_->client());
  const std::string upload =
      ServerProcess::to_text({"PUT", "/files/app.bin", "content", {"Expect: 100-continue"}});
  tls.send(upload.substr(0, upload.find("content")));
  ASSERT_EQ(HttpReader(tls).receive().status, 100);
  server_->signal(SIGTERM);
  ASSERT_TRUE(server_->wait_for_log("stopping after"));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0);
}

}  // namespace
}  // namespace fuota::server
