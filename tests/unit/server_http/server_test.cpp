// The server as a whole: binding, the limit of connections, stopping.

#include "server/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/server/run_awaitable.hpp"
#include "tests/unit/server_http/http_server_fixture.hpp"

namespace fuota::server::http {
namespace {

using std::chrono::milliseconds;
using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;
using testing::HasSubstr;

constexpr milliseconds kNoGrace{0};
constexpr milliseconds kLongGrace{3'600'000};

/// How long it is looked whether something happens that must not.
constexpr std::chrono::duration<int, std::milli> kUnanswered{300};

/// Limits under which no client runs into a deadline while a test lasts.
Limits patient_limits() {
  constexpr std::chrono::hours kHour{1};
  Limits limits;
  limits.handshake_deadline = kHour;
  limits.header_deadline = kHour;
  limits.idle_deadline = kHour;
  limits.body_deadline = kHour;
  limits.write_deadline = kHour;
  return limits;
}

class HttpServer : public HttpServerTest {
 protected:
  static bool is_served(TlsClient& tls) {
    tls.send(request("GET /text"));
    return HttpReader(tls).receive().body == "hello";
  }
};

TEST_F(HttpServer, CannotListenWhereAnotherListens) {
  start();
  auto tls = TlsContext::create(tls_files_);
  ServerSettings settings;
  settings.listen = server_->address();
  const auto second = Server::create(settings, std::move(*tls), handler_, observer_);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error(), HasSubstr("is in use"));
}

TEST_F(HttpServer, CannotUseACertificateThatIsNone) {
  tls_files_.certificates.front().certificate = tls_files_.certificates.front().key;
  const auto tls = TlsContext::create(tls_files_);
  ASSERT_FALSE(tls.has_value());
  EXPECT_THAT(tls.error(), HasSubstr("ca_key.pem can't be used"));
}

TEST_F(HttpServer, LetsNewConnectionsWaitWhenThereAreTooMany) {
  Limits limits = patient_limits();
  limits.connections_max = 2;
  start(limits);
  // Neither of the two is idle: one is in the middle of a request, one before its first.
  auto first = std::make_unique<TlsClient>(client());
  first->send("GET /text HTTP/1.1\r\n");
  const TlsClient second(client());
  auto third = std::async(std::launch::async, [this] {
    TlsClient tls(client());
    return is_served(tls);
  });
  ASSERT_TRUE(observer_.wait_for_event("the limit of 2 connections"));
  EXPECT_EQ(third.wait_for(kUnanswered), std::future_status::timeout);
  first.reset();
  EXPECT_TRUE(third.get());
  EXPECT_EQ(observer_.count_of(ConnectionEvent::waiting), 1);
}

TEST_F(HttpServer, AcceptsConnectionsAgainWhenMemoryWasShortMeanwhile) {
  Limits limits = patient_limits();
  limits.connections_max = 1;
  start(limits);
  TlsClient idle(client());
  ASSERT_TRUE(is_served(idle));
  // The next connection is one too many, and to say so takes memory that isn't there.
  observer_.throw_at_event("the limit of 1 connections");
  TlsClient waiting(client());
  EXPECT_TRUE(is_served(waiting));
}

TEST_F(HttpServer, ClosesNothingWhileNobodyWaits) {
  Limits limits = patient_limits();
  limits.connections_max = 2;
  start(limits, 2);
  TlsClient older(client());
  ASSERT_TRUE(is_served(older));
  TlsClient newer(client());
  ASSERT_TRUE(is_served(newer));
  EXPECT_FALSE(older.readable_within(kUnanswered.count()));
  EXPECT_TRUE(is_served(older));
  EXPECT_TRUE(is_served(newer));
}

TEST_F(HttpServer, ClosesTheLongestIdleConnectionForOneThatWaits) {
  Limits limits = patient_limits();
  limits.connections_max = 3;
  start(limits, 2);
  TlsClient oldest(client());
  ASSERT_TRUE(is_served(oldest));
  TlsClient middle(client());
  ASSERT_TRUE(is_served(middle));
  TlsClient newer(client());
  ASSERT_TRUE(is_served(newer));
  TlsClient newest(client());
  EXPECT_TRUE(is_served(newest));
  EXPECT_EQ(oldest.receive_all(), "");
  EXPECT_TRUE(oldest.closed_cleanly());
  EXPECT_TRUE(is_served(middle));
  EXPECT_TRUE(is_served(newer));
}

TEST_F(HttpServer, LetsAFloodWaitAndServesAllOfIt) {
  Limits limits = patient_limits();
  limits.connections_max = 4;
  start(limits, 2);
  constexpr int kClients = 100;
  std::vector<std::future<bool>> served;
  served.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    served.push_back(std::async(std::launch::async, [this] {
      TlsClient tls(client());
      return is_served(tls);
    }));
  }
  for (auto& one : served) EXPECT_TRUE(one.get());
}

TEST_F(HttpServer, ClosesIdleConnectionsWhenItStops) {
  start(patient_limits());
  TlsClient tls(client());
  ASSERT_TRUE(is_served(tls));
  stop(kLongGrace);
  EXPECT_EQ(tls.receive_all(), "");
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(HttpServer, ClosesAConnectionInItsHandshakeWhenItStops) {
  start(patient_limits());
  test_support::ClientOptions options = client();
  options.with_tls = false;
  TlsClient silent(options);
  // The one that was accepted after it is served, so it was accepted, too.
  TlsClient later(client());
  ASSERT_TRUE(is_served(later));
  stop(kLongGrace);
  EXPECT_EQ(silent.receive_all(), "");
}

TEST_F(HttpServer, ClosesAConnectionBeforeItsFirstRequestWhenItStops) {
  start(patient_limits());
  TlsClient silent(client());
  stop(kLongGrace);
  EXPECT_EQ(silent.receive_all(), "");
}

TEST_F(HttpServer, LetsADownloadEndWhenItStops) {
  start();
  TlsClient tls(client());
  tls.send(request("GET /file"));
  ASSERT_TRUE(tls.readable_within(20'000));
  auto stopped = std::async(std::launch::async, [this] { stop(kLongGrace); });
  const HttpResponse response = HttpReader(tls).receive();
  EXPECT_TRUE(response.body == FakeHandler::file_content());
  stopped.get();
}

TEST_F(HttpServer, BreaksOffADownloadThatOutlastsTheGrace) {
  start(patient_limits());
  test_support::ClientOptions options = client();
  options.receive_buffer_bytes = 4096;
  TlsClient tls(options);
  tls.send(request("GET /file"));
  ASSERT_TRUE(tls.readable_within(20'000));
  stop(milliseconds(50));
  EXPECT_FALSE(observer_.records(1).at(0).complete);
}

TEST_F(HttpServer, StopsAtOnceWithoutConnections) {
  start({}, 3);
  stop(kLongGrace);
  EXPECT_THROW(TlsClient{client()}, std::runtime_error);
}

TEST_F(HttpServer, StopsAtOnceWhenAskedASecondTime) {
  start(patient_limits());
  TlsClient tls(client());
  tls.send("GET /text HTTP/1.1\r\n");
  server_->stop(kLongGrace);
  stop(kNoGrace);
  EXPECT_EQ(tls.receive_all(), "");
}

TEST_F(HttpServer, TellsWhichOfItsThreadsAnswer) {
  start(Limits(), 3);
  EXPECT_EQ(test_support::run_awaitable(server_->silent_threads(std::chrono::seconds(20))), 0U);
  stop(milliseconds(0));
  EXPECT_EQ(test_support::run_awaitable(server_->silent_threads(milliseconds(1))), 3U);
}

}  // namespace
}  // namespace fuota::server::http
