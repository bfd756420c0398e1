#include "tests/support/native_server/native_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/net/base64.hpp"
#include "tests/unit/native_server/request_sender.hpp"

namespace fuota::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kRunning(64, '0');

class Server : public testing::Test {
 protected:
  Server() {
    server_.assign("00001", Shelf::release());
    server_.upload("f", Shelf::file());
  }

  std::string check(const std::string& more = "&image=" + kRunning) {
    return client().send("GET /devices/00001?app_ver=0.1.0" + more, kAcceptOffer);
  }
  std::string report(const std::string& stream, unsigned sequence) {
    return client().send("POST /devices/00001/reports", "Content-Type: application/json\r\n",
                         R"({"stream":")" + stream + R"(","sequence":)" + std::to_string(sequence) +
                             R"(,"state":"failed","deployment":"d","version":"0.1.1","image":")" +
                             kRunning + R"(","code":"hash"})");
  }
  /// The same connection throughout.
  RequestSender& client() {
    if (!client_) client_.emplace(network_);
    return *client_;
  }

  simulator::net::Network network_;
  NativeServer server_{network_};
  std::optional<RequestSender> client_;
};

TEST_F(Server, OffersTheAssignedRelease) {
  const std::string answer = check();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/vnd.fuota.offer+json\r\n"));
  EXPECT_EQ(body_of(answer),
            R"({"deployment":"deployment-1","manifest":{"payload":"p","signatures":[]},)"
            R"("artifacts":[{"format":"full","url":"/files/f","size":1000,"sha256":")" +
                std::string(64, 'a') + R"("}]})");
}

TEST_F(Server, OffersAReleaseAnewAsAnotherDeployment) {
  server_.assign("00001", Shelf::release());
  EXPECT_THAT(check(), HasSubstr(R"("deployment":"deployment-2")"));
}

TEST_F(Server, HasNothingForWhoRunsIt) {
  EXPECT_THAT(check("&image=" + std::string(64, 'a')), StartsWith("HTTP/1.1 204 "));
}

TEST_F(Server, HasNothingWhenNothingIsAssigned) {
  server_.withdraw("00001");
  EXPECT_THAT(check(), StartsWith("HTTP/1.1 204 "));
}

TEST_F(Server, GivesNoLengthWithA204) {
  server_.withdraw("00001");
  EXPECT_THAT(check(), Not(HasSubstr("Content-Length")));
}

TEST_F(Server, DoesNotKnowEveryDevice) {
  EXPECT_THAT(client().send("GET /devices/00002?app_ver=1", kAcceptOffer),
              StartsWith("HTTP/1.1 404 "));
}

TEST_F(Server, WantsCredentials) {
  EXPECT_THAT(client().send_raw("GET /files/f HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
}

TEST_F(Server, GivesAFileWithLengthAndTag) {
  const std::string answer = client().send("GET /files/f");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 1000\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nETag: \"" + std::string(64, 'a') + "\"\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nAccept-Ranges: bytes\r\n"));
  EXPECT_EQ(body_of(answer), Shelf::file()->content);
}

TEST_F(Server, GivesTheHeadAlone) {
  const std::string answer = client().send("HEAD /files/f");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 1000\r\n"));
  EXPECT_EQ(body_of(answer), "");
}

TEST_F(Server, GivesAPartOfAFile) {
  const std::string answer = client().send("GET /files/f", "Range: bytes=996-\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 206 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Range: bytes 996-999/1000\r\n"));
  EXPECT_EQ(body_of(answer), Shelf::file()->content.substr(996));
}

TEST_F(Server, RefusesAPartBehindTheEnd) {
  const std::string answer = client().send("GET /files/f", "Range: bytes=1000-\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 416 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Range: bytes */1000\r\n"));
}

TEST_F(Server, GivesAPartOfTheFileThatTheTagNames) {
  const std::string range = "Range: bytes=996-\r\n";
  const std::string tag = "If-Range: \"" + std::string(64, 'a') + "\"\r\n";
  EXPECT_THAT(client().send("GET /files/f", range + tag), StartsWith("HTTP/1.1 206 "));
}

TEST_F(Server, GivesAllOfAFileThatChanged) {
  server_.upload("f", Shelf::file('b'));
  const std::string answer = client().send(
      "GET /files/f", "Range: bytes=996-\r\nIf-Range: \"" + std::string(64, 'a') + "\"\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(body_of(answer), Shelf::file('b')->content);
}

TEST_F(Server, StoresAReport) {
  EXPECT_THAT(report("0123456789abcdef", 7), StartsWith("HTTP/1.1 204 "));
  ASSERT_EQ(server_.reports().size(), 1U);
  const ReceivedReport& report = server_.reports().front();
  EXPECT_EQ(report.device, "00001");
  EXPECT_EQ(report.stream, "0123456789abcdef");
  EXPECT_EQ(report.sequence, 7U);
  EXPECT_EQ(report.state, "failed");
  EXPECT_EQ(report.code, "hash");
  EXPECT_FALSE(report.is_repeat);
}

TEST_F(Server, TellsARepeatedReport) {
  for (const unsigned sequence : {1U, 2U, 1U}) (void)report("0123456789abcdef", sequence);
  (void)report("fedcba9876543210", 1);
  std::vector<bool> repeats;
  for (const ReceivedReport& report : server_.reports()) repeats.push_back(report.is_repeat);
  EXPECT_THAT(repeats, testing::ElementsAre(false, false, true, false));
}

TEST_F(Server, RefusesAReportThatLacksAMember) {
  EXPECT_THAT(client().send("POST /devices/00001/reports", "Content-Type: application/json\r\n",
                            R"({"stream":"0123456789abcdef","state":"failed"})"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(server_.reports().empty());
}

TEST_F(Server, TellsOfAHigherRoot) {
  server_.publish_root(1, "one");
  server_.publish_root(2, "two");
  EXPECT_THAT(check("&root=1"), HasSubstr("\r\nFuota-Root: 2\r\n"));
  EXPECT_THAT(check("&root=2"), Not(HasSubstr("Fuota-Root")));
  EXPECT_THAT(check(""), Not(HasSubstr("Fuota-Root")));
}

TEST_F(Server, TellsOfAHigherRootEvenIfTheDeviceIsNotKnown) {
  server_.publish_root(1, "one");
  const std::string answer = client().send("GET /devices/00002?app_ver=1&root=0", kAcceptOffer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answer, HasSubstr("\r\nFuota-Root: 1\r\n"));
}

TEST_F(Server, GivesARootAsItCame) {
  server_.publish_root(2, "two");
  const std::string answer = client().send("GET /roots/2");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/jose+json\r\n"));
  EXPECT_EQ(body_of(answer), "two");
  EXPECT_THAT(client().send("GET /roots/1"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(Server, SaysWhenToAskAgain) {
  server_.set_retry_after(90);
  EXPECT_THAT(check(), HasSubstr("\r\nRetry-After: 90\r\n"));
  server_.withdraw("00001");
  EXPECT_THAT(check(), HasSubstr("\r\nRetry-After: 90\r\n"));
}

TEST_F(Server, KeepsConnectionsOpen) {
  (void)check();
  (void)client().send("GET /files/f");
  EXPECT_FALSE(client().closed);
  EXPECT_EQ(server_.requests()[1].connection, 0U);
  EXPECT_EQ(server_.requests()[1].number, 1U);
}

TEST_F(Server, ClosesAConnectionWhenItIsAskedTo) {
  EXPECT_THAT(client().send("GET /files/f", "Connection: close\r\n"),
              HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client().closed);
}

TEST_F(Server, ClosesAConnectionAfterSoManyRequests) {
  server_.set_requests_per_connection_max(2);
  (void)check();
  EXPECT_FALSE(client().closed);
  EXPECT_THAT(check(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client().closed);
}

TEST_F(Server, RemembersWhatWasAskedFor) {
  (void)check("&image=x&counter=7&root=1");
  (void)client().send("GET /files/f", "Range: bytes=5-\r\n");
  (void)report("0123456789abcdef", 1);
  ASSERT_EQ(server_.requests().size(), 3U);
  EXPECT_EQ(server_.requests()[0].kind, ServedRequest::Kind::check);
  EXPECT_EQ(server_.requests()[0].parameter("counter"), "7");
  EXPECT_EQ(server_.requests()[0].parameter("count"), std::nullopt);
  EXPECT_EQ(server_.requests()[1].file, "f");
  EXPECT_EQ(server_.requests()[1].range, "bytes=5-");
  EXPECT_EQ(server_.requests()[1].status, 206);
  EXPECT_EQ(server_.requests()[2].kind, ServedRequest::Kind::report);
  EXPECT_EQ(server_.count(ServedRequest::Kind::check), 1U);
}

TEST_F(Server, TakesOneTokenOfADeviceThatShowsTheFleetKey) {
  const std::string token = "fud_" + std::string(43, 'a');
  const auto enrol = [this](const std::string& device, const std::string& body) {
    return RequestSender(network_).send_raw(
        "POST /devices/" + device + "/enrolment HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " +
        simulator::net::base64(device + ":fuf_k") + "\r\nContent-Type: text/plain\r\n" +
        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_THAT(enrol("a", token), StartsWith("HTTP/1.1 403 ")) << "no key yet";
  server_.set_fleet_key("fuf_k", 1);
  EXPECT_THAT(enrol("a", "fud_short"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(enrol("a", token), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(enrol("a", token), StartsWith("HTTP/1.1 204 ")) << "again";
  EXPECT_THAT(enrol("a", "fud_" + std::string(43, 'b')), StartsWith("HTTP/1.1 409 "));
  EXPECT_THAT(enrol("b", token), StartsWith("HTTP/1.1 403 ")) << "used up";
  EXPECT_EQ(server_.token("a"), token);
  EXPECT_EQ(server_.turned_away(), 2U);
}

}  // namespace
}  // namespace fuota::test
