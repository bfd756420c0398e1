// Clients by the thousand that want nothing but the server's memory and time: what each costs is
// bounded, others are served meanwhile, and what they took is given back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::TlsClient;
using Clients = std::vector<std::unique_ptr<TlsClient>>;

/// What one client may make the server hold, as docs/security.md says: in general, during the
/// handshake, where OpenSSL keeps a ClientHello of up to 128 KiB, and before its first byte.
constexpr std::size_t kKilobytesPerConnectionMax = 96;
constexpr std::size_t kKilobytesPerHandshakeMax = 192;
constexpr std::size_t kKilobytesPerSilentClientMax = 2;

/// What allocators and the system keep, whatever the number of clients.
constexpr std::size_t kKilobytesOfSlack = 8 * 1024;

/// AddressSanitizer keeps freed memory: what the program itself holds can't be seen under it.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryCanBeMeasured = false;
#else
constexpr bool kMemoryCanBeMeasured = true;
#endif

/// Descriptors of what else is going on: the client that asks meanwhile.
constexpr std::size_t kOtherDescriptors = 8;

constexpr rlim_t kClientsMax = 1000;

/// The first bytes of a ClientHello that says that it is as long as OpenSSL takes, and goes on in
/// records of the greatest length.
std::string endless_client_hello(std::size_t records) {
  constexpr std::size_t kRecordBytes = 16384;
  std::string body("\x01\x01\xff\xff", 4);
  std::string bytes;
  for (std::size_t i = 0; i < records; ++i) {
    body.resize(kRecordBytes, '\x03');
    bytes += std::string("\x16\x03\x01\x40\x00", 5) + body;
    body.clear();
  }
  return bytes;
}

class Floods : public ServerTest {
 protected:
  void SetUp() override {
    rlimit descriptors{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    if (descriptors.rlim_max < 2 * kClientsMax) {
      GTEST_SKIP() << "the limit of open files is too low for a flood";
    }
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
  }

  /// A server in which no client runs into a deadline while a test lasts.
  void start_patient(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--handshake-deadline", "3600", "--header-deadline", "3600",
                                       "--body-deadline", "3600", "--write-deadline", "3600"});
    start(arguments);
    ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  }

  void expect_served() const { EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204); }

  [[nodiscard]] std::filesystem::path process() const {
    return "/proc/" + std::to_string(server_->pid());
  }

  /// What the server's memory takes of the machine's.
  [[nodiscard]] std::size_t kilobytes() const {
    std::ifstream rollup(process() / "smaps_rollup");
    std::string word;
    while (rollup >> word && word != "Rss:") {
    }
    std::size_t number = 0;
    rollup >> number;
    return number;
  }

  [[nodiscard]] std::size_t descriptors() const {
    const std::filesystem::directory_iterator all(process() / "fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  /// Asks the server again and again, as another client, until `there`.
  void expect_served_until(const std::function<bool()>& there) const {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      expect_served();
      if (there()) return;
    }
    ADD_FAILURE() << "it does not come to that";
  }

  /// Connects `count` clients with `connect`, and expects that they cost no more than they may,
  /// that others are served, and that their descriptors are given back when they leave.
  void expect_bounded(std::size_t count, const std::function<std::unique_ptr<TlsClient>()>& connect,
                      std::size_t kilobytes_max = kKilobytesPerConnectionMax) {
    expect_served();
    const std::size_t before_kilobytes = kilobytes();
    const std::size_t before_descriptors = descriptors();
    {
      Clients clients;
      for (std::size_t i = 0; i < count; ++i) clients.push_back(connect());
      expect_served_until([&] { return descriptors() >= before_descriptors + count; });
      const std::size_t grown = kilobytes() - std::min(before_kilobytes, kilobytes());
      RecordProperty("kilobytes_per_connection", static_cast<int>(grown / count));
      if (kMemoryCanBeMeasured) {
        EXPECT_LE(grown, count * kilobytes_max + kKilobytesOfSlack);
      }
    }
    expect_served_until([&] { return descriptors() <= before_descriptors + kOtherDescriptors; });
  }
};

TEST_F(Floods, OfSilentClientsAreBounded) {
  start_patient();
  expect_bounded(
      kClientsMax, [this] { return plain_client(); }, kKilobytesPerSilentClientMax);
}

TEST_F(Floods, OfHalfOpenHandshakesAreBounded) {
  start_patient();
  expect_bounded(kClientsMax, [this] {
    auto client = plain_client();
    client->send(endless_client_hello(1).substr(0, 600));
    return client;
  });
}

TEST_F(Floods, OfHandshakesWithoutEndAreBounded) {
  start_patient();
  const auto connect = [this] {
    auto client = plain_client();
    client->send(endless_client_hello(3));
    return client;
  };
  expect_bounded(kClientsMax / 4, connect, kKilobytesPerHandshakeMax);
}

TEST_F(Floods, OfClientsThatSayNothingAfterTheHandshakeAreBounded) {
  start_patient();
  expect_bounded(kClientsMax / 2, [this] { return tls_client(); });
}

TEST_F(Floods, OfHalfHeadersAreBounded) {
  start_patient();
  expect_bounded(kClientsMax / 2, [this] {
    auto client = tls_client();
    client->send("GET /devices HTTP/1.1\r\nX: " + std::string(7000, 'x'));
    return client;
  });
}

TEST_F(Floods, OfDownloadsThatNobodyReadsAreBounded) {
  start_patient();
  // More than the system takes for a client that doesn't read.
  ASSERT_EQ(put_file("large.bin", std::string(16 * 1024 * 1024, 'x')), 200);
  expect_bounded(kClientsMax / 10, [this] {
    ClientOptions options = server_->client();
    options.receive_buffer_bytes = 4096;
    auto client = std::make_unique<TlsClient>(options);
    client->send(test_support::ServerProcess::to_text({"GET", "/files/large.bin", "", {}}));
    return client;
  });
}

TEST_F(Floods, BeyondTheLimitOfConnectionsPassByThemselves) {
  start({"--connections-max", "20", "--handshake-deadline", "0.2"});
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  Clients clients;
  for (int i = 0; i < 200; ++i) clients.push_back(plain_client());
  // It stands in the queue behind them all, and is served when they have had their time.
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204);
  EXPECT_TRUE(server_->wait_for_log("the limit of 20 connections is reached"));
}

}  // namespace
}  // namespace fuota::server
