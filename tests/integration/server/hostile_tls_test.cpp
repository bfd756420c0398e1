// What is not TLS, or not TLS as the server wants it: the connection ends, and nothing else does.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <random>

#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/random_seed.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::TlsClient;

class HostileTls : public ServerTest {
 protected:
  void SetUp() override {
    start();
    ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  }

  /// Sends `bytes` where a handshake should be, and expects that the server ends the connection
  /// without a word of HTTP: with nothing, or with an alert (RFC 8446 section 6).
  void expect_ended(const std::string& bytes) const {
    ClientOptions options = server_->client();
    options.with_tls = false;
    TlsClient client(options);
    client.send(bytes);
    const std::string answer = client.receive_all();
    EXPECT_LE(answer.size(), 7U) << testing::PrintToString(answer);
    EXPECT_TRUE(answer.empty() || answer.front() == '\x15');
  }

  void expect_served() const { EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204); }
};

TEST_F(HostileTls, EndsTheConnectionThatItCameOn) {
  const std::string rows[] = {
      "GET /devices HTTP/1.1\r\nHost: h\r\n\r\n",           // plain HTTP
      std::string("\x16\x03\x01\xff\xff", 5) + "too long",  // a record longer than allowed
      std::string("\x17\x03\x03\x00\x05hello", 10),         // data before the handshake
      std::string("\x15\x03\x03\x00\x02\x02\x28", 7),       // an alert
      std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00", 9) + std::string(40, '\1'),  // SSL 2
      std::string(20'000, '\0'),
  };
  for (const std::string& bytes : rows) {
    SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 20)));
    expect_ended(bytes);
  }
  expect_served();
}

TEST_F(HostileTls, OfRandomBytesEndsTheConnectionThatItCameOn) {
  const std::uint32_t seed = test_support::random_seed();
  SCOPED_TRACE("FUOTA_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 200; ++i) {
    // Beginning like a handshake or not, and long enough not to be waited behind.
    std::string bytes(40'000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (i % 2 == 0) bytes.replace(0, 5, std::string("\x16\x03\x01\x02\x00", 5));
    expect_ended(bytes);
  }
  expect_served();
}

TEST_F(HostileTls, IsGivenNoSecondHandshake) {
  ClientOptions options = server_->client();
  options.tls_version_max = TLS1_2_VERSION;
  for (int i = 0; i < 10; ++i) {
    TlsClient client(options);
    EXPECT_FALSE(client.renegotiate());
  }
  expect_served();
}

TEST_F(HostileTls, OfAnOldVersionIsRefused) {
  ClientOptions options = server_->client();
  options.tls_version_max = TLS1_1_VERSION;
  EXPECT_THROW(TlsClient{options}, std::runtime_error);
  expect_served();
}

}  // namespace
}  // namespace fuota::server
