// Clients that take their time, and what others notice of them: nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::TlsClient;

class SlowClients : public ServerTest {
 protected:
  void SetUp() override { start({"--threads", "1"}); }

  /// A whole update, as others do it meanwhile.
  void expect_served() const {
    EXPECT_EQ(put_file("app.bin", std::string(100'000, 'x')), 200);
    EXPECT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
    EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").body, "app.bin");
    EXPECT_EQ(get_file("app.bin"), std::string(100'000, 'x'));
  }
};

TEST_F(SlowClients, ThatAreSilentBlockNobody) {
  const auto silent = plain_client();
  const auto silent_behind_tls = tls_client();
  expect_served();
}

TEST_F(SlowClients, ThatSendAByteAtATimeBlockNobody) {
  const auto slow = tls_client();
  const std::string text =
      test_support::ServerProcess::to_text({"PUT", "/files/slow.bin", "content", {}});
  std::size_t sent = 0;
  // A byte, then others are served, then the next byte: as slowly as can be.
  while (sent < 5) {
    ASSERT_TRUE(slow->send(text.substr(sent++, 1)));
    expect_served();
  }
  while (sent < text.size()) ASSERT_TRUE(slow->send(text.substr(sent++, 1)));
  EXPECT_EQ(HttpReader(*slow).receive().status, 200);
}

TEST_F(SlowClients, ThatDoNotReadBlockNobody) {
  ASSERT_EQ(put_file("large.bin", std::string(16 * 1024 * 1024, 'x')), 200);
  std::vector<std::unique_ptr<TlsClient>> clients;
  ClientOptions options = server_->client();
  options.receive_buffer_bytes = 4096;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<TlsClient>(options));
    clients.back()->send(test_support::ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
  }
  expect_served();
}

TEST_F(SlowClients, ThatAreIdleByTheHundredBlockNobody) {
  std::vector<std::unique_ptr<TlsClient>> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(i % 2 == 0 ? tls_client() : plain_client());
    if (i % 4 == 0) {
      idle.back()->send("GET /devices HTTP/1.1\r\nHost: h\r\n\r\n");
      EXPECT_EQ(HttpReader(*idle.back()).receive().status, 403);
    }
  }
  expect_served();
}

// Each has a server with one short deadline: a client that waits for it must not run into another.

TEST_F(SlowClients, LoseTheirConnectionWithoutAHandshake) {
  start({"--handshake-deadline", "0.1"});
  const auto silent = plain_client();
  EXPECT_EQ(silent->receive_all(), "");
}

TEST_F(SlowClients, LoseTheirConnectionWithoutAWholeHeader) {
  start({"--header-deadline", "1"});
  const auto without_request = tls_client();
  const auto half_a_header = tls_client();
  half_a_header->send("GET /devices HTTP/1.1\r\n");
  EXPECT_EQ(without_request->receive_all(), "");
  EXPECT_EQ(HttpReader(*half_a_header).receive().status, 408);
}

TEST_F(SlowClients, LoseTheirConnectionWithoutAWholeBody) {
  start({"--body-deadline", "0.1"});
  const auto half_a_body = tls_client();
  const std::string upload =
      test_support::ServerProcess::to_text({"PUT", "/files/a", "content", {}});
  half_a_body->send(upload.substr(0, upload.size() - 3));
  EXPECT_EQ(HttpReader(*half_a_body).receive().status, 408);
  EXPECT_EQ(get_file("a"), "404");
}

}  // namespace
}  // namespace fuota::server
