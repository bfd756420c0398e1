// Accounts, credentials of devices and guessing, over real sockets.

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <map>
#include <thread>

#include "server/api/access_token.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/certificate_authority.hpp"
#include "tests/support/server/server_command.hpp"

namespace fuota::server {
namespace {

using api::make_token;
using api::TokenKind;
using test_support::basic_authorization;
using test_support::CommandOutcome;
using test_support::HttpRequest;
using test_support::HttpResponse;
using test_support::run_server_command;
using testing::HasSubstr;

constexpr char kPassword[] = "correct horse";

std::string text_of(const HttpResponse& response, const char* member) {
  return std::string(boost::json::parse(response.body).at(member).as_string());
}

class AccountsTest : public ServerTest {
 protected:
  [[nodiscard]] CommandOutcome command(std::vector<std::string> arguments,
                                       const std::string& input = "") const {
    arguments.insert(arguments.end(), {"--data-dir", (directory_.path() / "data").string()});
    return run_server_command(directory_.path(), std::move(arguments), input);
  }
  void add_user(const std::string& name, const std::string& role) const {
    const CommandOutcome added =
        command({"user", "add", name, "--role", role}, std::string(kPassword) + "\n");
    ASSERT_EQ(added.status, 0) << added.error;
  }

  [[nodiscard]] HttpResponse ask(const std::string& authorization, const std::string& method,
                                 const std::string& target, const std::string& body = "") const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.authorization = authorization;
    return server_->exchange(request);
  }
  [[nodiscard]] int status(const std::string& authorization, const std::string& method,
                           const std::string& target, const std::string& body = "") const {
    return ask(authorization, method, target, body).status;
  }

  const std::string anna_ = basic_authorization("anna", kPassword);
  const std::string shared_ = basic_authorization(test_support::kUsername, test_support::kPassword);
};

TEST_F(AccountsTest, TheFirstAdminIsMadeBesideTheRunningServer) {
  start();
  EXPECT_EQ(status(anna_, "GET", "/api/v1/accounts"), 403);
  add_user("anna", "admin");
  EXPECT_THAT(ask(anna_, "GET", "/api/v1/accounts").body, HasSubstr(R"("name":"anna")"));
  EXPECT_THAT(ask(anna_, "GET", "/api/v1/audit").body,
              HasSubstr(R"("from":"local","action":"account.put","object":"anna",)"
                        R"("detail":"created with role admin")"));
}

TEST_F(AccountsTest, WhatACommandChangesCountsAtOnce) {
  start();
  add_user("anna", "admin");
  ASSERT_EQ(status(anna_, "GET", "/api/v1/accounts"), 200);
  ASSERT_EQ(command({"user", "set-role", "anna", "--role", "viewer"}).status, 0);
  EXPECT_EQ(status(anna_, "GET", "/api/v1/accounts"), 403);
  EXPECT_EQ(status(anna_, "GET", "/devices"), 200);
  ASSERT_EQ(command({"user", "set-password", "anna"}, "another horse\n").status, 0);
  EXPECT_EQ(status(anna_, "GET", "/devices"), 403);
  EXPECT_EQ(status(basic_authorization("anna", "another horse"), "GET", "/devices"), 200);
  ASSERT_EQ(command({"user", "remove", "anna"}).status, 0);
  EXPECT_EQ(status(basic_authorization("anna", "another horse"), "GET", "/devices"), 403);
}

TEST_F(AccountsTest, CommandsSayWhatIsWrong) {
  start();
  EXPECT_THAT(command({"user", "remove", "anna"}).error, HasSubstr("no account of this name"));
  EXPECT_THAT(command({"user", "add", "Anna", "--role", "admin"}).error, HasSubstr("the name"));
  EXPECT_THAT(command({"user", "add", "anna", "--role", "admin"}, "short\n").error,
              HasSubstr("10 to 128 bytes"));
  EXPECT_THAT(command({"user", "add", "anna", "--role", "admin"}).error, HasSubstr("no password"));
  EXPECT_EQ(command({"user", "add", "anna", "--role", "root"}).status, 2);
  EXPECT_EQ(command({"user"}).status, 2);
  add_user("anna", "admin");
  EXPECT_THAT(command({"user", "add", "anna", "--role", "admin"}).error, HasSubstr("set-password"));
}

TEST_F(AccountsTest, AnUploadGoesOnWhileACommandRuns) {
  start();
  test_support::TlsClient client(server_->client());
  const std::string content(100'000, 'x');
  ASSERT_TRUE(client.send("PUT /files/a HTTP/1.1\r\nHost: a\r\nAuthorization: " + shared_ +
                          "\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n"));
  ASSERT_THAT(client.receive_some(), HasSubstr("100 Continue"));
  // More than the server keeps in memory: what the command must not touch lies on the disk.
  ASSERT_TRUE(client.send(content.substr(0, 90'000)));
  const auto incoming = directory_.path() / "data" / "blobs" / "incoming";
  while (std::filesystem::is_empty(incoming)) std::this_thread::yield();
  add_user("anna", "admin");
  ASSERT_TRUE(client.send(content.substr(90'000)));
  EXPECT_THAT(client.receive_some(), HasSubstr("200 OK"));
  EXPECT_EQ(get_file("a"), content);
}

TEST_F(AccountsTest, ABodyThatIsHeldBackDoesNotMakeTheAccountAgain) {
  start();
  add_user("anna", "admin");
  const std::string body = R"({"role":"admin","password":"another horse"})";
  test_support::TlsClient client(server_->client());
  ASSERT_TRUE(client.send(
      "PUT /api/v1/accounts/anna HTTP/1.1\r\nHost: a\r\nAuthorization: " + anna_ +
      "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"));
  ASSERT_THAT(client.receive_some(), HasSubstr("100 Continue"));
  ASSERT_EQ(command({"user", "remove", "anna"}).status, 0);
  ASSERT_TRUE(client.send(body));
  EXPECT_THAT(client.receive_some(), HasSubstr("403 Forbidden"));
  EXPECT_EQ(command({"user", "list"}).out, "");
}

TEST_F(AccountsTest, AServerWithoutAnybodyDoesNotStart) {
  test_support::ServerOptions options;
  options.data_directory = directory_.path() / "data";
  options.arguments = {"--shared-user", "off"};
  options.environment.clear();
  {
    test_support::ServerProcess nobody(options);
    EXPECT_EQ(nobody.wait(), 1);
    EXPECT_THAT(nobody.log(), HasSubstr("fuota-server user add NAME"));
  }
  add_user("anna", "admin");
  server_ = std::make_unique<test_support::ServerProcess>(options);
  ASSERT_NE(server_->port(), 0) << server_->log();
  EXPECT_EQ(status(anna_, "GET", "/devices"), 200);
  EXPECT_EQ(status(shared_, "GET", "/devices"), 403);
}

TEST_F(AccountsTest, ADeviceEnrolsOnceAndItsLostAnswerIsRepeated) {
  start();
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  const CommandOutcome key = command({"fleet-key", "add", "factory", "--enrolments-max", "1"});
  ASSERT_EQ(key.status, 0) << key.error;
  const std::string fleet = basic_authorization("", key.out.substr(0, key.out.size() - 1));
  const std::string token = make_token(TokenKind::device);
  const std::string device = basic_authorization("00001", token);
  const std::string check = "/devices/00001?app_ver=0.2.0";

  EXPECT_EQ(status(device, "GET", check), 403);
  {
    // The answer gets lost: the device is gone before it comes.
    test_support::TlsClient client(server_->client());
    ASSERT_TRUE(client.send("POST /devices/00001/enrolment HTTP/1.1\r\nHost: a\r\nAuthorization: " +
                            fleet + "\r\nContent-Length: 47\r\n\r\n" + token));
  }
  ASSERT_TRUE(server_->wait_for_log("path=/devices/00001/enrolment"));
  EXPECT_EQ(status(fleet, "POST", "/devices/00001/enrolment", token), 204);
  EXPECT_EQ(status(device, "POST", "/devices/00001/enrolment", token), 204);
  EXPECT_EQ(status(device, "GET", check), 204);
  EXPECT_EQ(status(fleet, "POST", "/devices/00002/enrolment", make_token(TokenKind::device)), 403);
  EXPECT_THAT(command({"fleet-key", "list"}).out, HasSubstr("factory\t1/1\tnever"));
}

TEST_F(AccountsTest, ATokenThatWasTakenAwayOrADeviceThatWasBlockedIsRefused) {
  start();
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  const HttpResponse made = ask(shared_, "PUT", "/api/v1/devices/00001/credential", "{}");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string device = basic_authorization("00001", text_of(made, "token"));
  const std::string check = "/devices/00001?app_ver=0.2.0";
  EXPECT_EQ(status(device, "GET", check), 204);
  EXPECT_EQ(status(shared_, "PUT", "/api/v1/devices/00001/credential", R"({"blocked":true})"), 200);
  EXPECT_EQ(status(device, "GET", check), 403);
  EXPECT_EQ(status(shared_, "PUT", "/api/v1/devices/00001/credential", R"({"blocked":false})"),
            200);
  EXPECT_EQ(status(device, "GET", check), 204);
  EXPECT_EQ(status(shared_, "DELETE", "/api/v1/devices/00001/credential"), 200);
  EXPECT_EQ(status(device, "GET", check), 403);
}

TEST_F(AccountsTest, ADeviceIsKnownByItsCertificate) {
  const test_support::CertificateAuthority authority(directory_.path(), "authority");
  start({"--client-ca", authority.certificate().string()});
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  const test_support::KeyPair pair = authority.issue("device", "00001");
  const auto check = [&](const std::string& id) {
    test_support::ClientOptions options = server_->client();
    options.own_certificate = pair.certificate;
    options.own_key = pair.key;
    test_support::TlsClient client(options);
    client.send("GET /devices/" + id + "?app_ver=0.2.0 HTTP/1.1\r\nHost: a\r\n\r\n");
    test_support::HttpReader reader(client);
    return reader.receive().status;
  };
  EXPECT_EQ(check("00001"), 204);
  EXPECT_EQ(check("00002"), 403);
  ASSERT_EQ(status(shared_, "PUT", "/api/v1/devices/00001/credential", R"({"blocked":true})"), 200);
  EXPECT_EQ(check("00001"), 403);
}

TEST_F(AccountsTest, AnApiTokenDoesWhatItsRoleAllowsUntilItExpires) {
  start();
  add_user("anna", "admin");
  const HttpResponse made =
      ask(anna_, "POST", "/api/v1/tokens", R"({"label":"ci","role":"publisher","expires_in_s":2})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string token = "Bearer " + text_of(made, "token");
  EXPECT_EQ(status(token, "PUT", "/files/a", "content"), 200);
  EXPECT_EQ(status(token, "DELETE", "/devices/1"), 403);
  int answered = 200;
  while (answered == 200) answered = status(token, "GET", "/devices");
  EXPECT_EQ(answered, 403);
}

TEST_F(AccountsTest, GuessersAreSentAwayAndTheFleetBehindTheirAddressIsNot) {
  start();
  const HttpResponse made = ask(shared_, "PUT", "/api/v1/devices/00001/credential", "{}");
  const std::string device = basic_authorization("00001", text_of(made, "token"));
  const std::string guess = basic_authorization(test_support::kUsername, "a guess");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(status(guess, "GET", "/devices"), 403);
  // Four of an address wait, and the fifth is sent away, whichever that is.
  std::vector<std::unique_ptr<test_support::TlsClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<test_support::TlsClient>(server_->client()));
    clients.back()->send("GET /devices HTTP/1.1\r\nHost: a\r\nAuthorization: " + guess +
                         "\r\n\r\n");
  }
  EXPECT_EQ(status(device, "GET", "/api/v1/whoami"), 200);
  EXPECT_EQ(status(shared_, "GET", "/devices"), 200);
  std::map<int, HttpResponse> answers;
  for (const auto& client : clients) {
    test_support::HttpReader reader(*client);
    const HttpResponse response = reader.receive();
    EXPECT_FALSE(answers.contains(429) && response.status == 429);
    answers[response.status] = response;
  }
  ASSERT_TRUE(answers.contains(403) && answers.contains(429));
  EXPECT_EQ(answers[403].field("connection"), "");
  EXPECT_NE(answers[429].field("retry-after"), "");
  EXPECT_EQ(answers[429].field("connection"), "close");
  EXPECT_THAT(server_->log(), HasSubstr("credentials were wrong: address=127.0.0.1 count=1"));
}

TEST_F(AccountsTest, ServersStopWhileGuessesAreAnsweredLate) {
  start();
  const std::string guess = basic_authorization(test_support::kUsername, "a guess");
  for (int i = 0; i < 7; ++i) ASSERT_EQ(status(guess, "GET", "/devices"), 403);
  test_support::TlsClient client(server_->client());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: " + guess + "\r\n\r\n"));
  server_->signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0);
}

}  // namespace
}  // namespace fuota::server
