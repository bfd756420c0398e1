// What the machine doesn't give: room, descriptors, memory, the database. What can't be done is
// refused with the documented status, all else goes on, and when it is there again nobody has to do
// anything.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::ServerOptions;
using test_support::ServerProcess;
using test_support::TlsClient;
using testing::AnyOf;
using testing::HasSubstr;
using Clients = std::vector<std::unique_ptr<TlsClient>>;

class ResourceFaults : public ServerTest {
 protected:
  /// Starts a server behind a command of sh that limits it.
  void start_limited(const std::string& limits, std::vector<std::string> arguments = {}) {
    ServerOptions options;
    options.data_directory = directory_.path() / "data";
    options.limits = limits;
    options.arguments = std::move(arguments);
    options.arguments.insert(options.arguments.end(), {"--host", "127.0.0.1"});
    server_.reset();
    server_ = std::make_unique<ServerProcess>(options);
    ASSERT_NE(server_->port(), 0) << server_->log();
  }

  /// A connection that has shaken hands, or nothing where the server has no room for one.
  [[nodiscard]] std::unique_ptr<TlsClient> tls_client() const {
    try {
      return std::make_unique<TlsClient>(server_->client());
    } catch (const std::runtime_error&) {
      return nullptr;
    }
  }

  [[nodiscard]] std::unique_ptr<TlsClient> silent_client() const {
    ClientOptions options = server_->client();
    options.with_tls = false;
    return std::make_unique<TlsClient>(options);
  }
};

/// A file system of a few megabytes for the data, where this process may mount one.
class FullDisk : public ResourceFaults {
 protected:
  static constexpr char kSize[] = "size=8m";

  void SetUp() override {
    const std::filesystem::path data = directory_.path() / "data";
    std::filesystem::create_directory(data);
    if (::mount("tmpfs", data.c_str(), "tmpfs", 0, kSize) != 0) {
      GTEST_SKIP() << "skipped: this user can't mount a file system";
    }
    mounted_ = data;
  }

  void TearDown() override {
    server_.reset();
    if (!mounted_.empty()) ::umount2(mounted_.c_str(), MNT_DETACH);
  }

  /// Takes all room that is left.
  void fill() const {
    std::ofstream filler(mounted_ / "filler", std::ios::binary);
    const std::string block(64 * 1024, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

  void make_room() const { std::filesystem::remove(mounted_ / "filler"); }

  std::filesystem::path mounted_;
};

TEST_F(FullDisk, RefusesAFileThatIsTooLargeForItAndKeepsTheRest) {
  start();
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  EXPECT_EQ(put_file("app.bin", std::string(10'000'000, 'x')), 507);
  EXPECT_EQ(get_file("app.bin"), "firmware");
  EXPECT_TRUE(std::filesystem::is_empty(mounted_ / "blobs" / "incoming"));
  EXPECT_EQ(put_file("app.bin", "newer firmware"), 200);
}

TEST_F(FullDisk, ServesDevicesAllTheSameAndTakesChangesAgainWhenThereIsRoom) {
  start();
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  fill();
  EXPECT_EQ(put_file("b.bin", std::string(100'000, 'x')), 507);
  // A row may find room in the pages that the database has already.
  std::string version(100, '1');
  int status = 200;
  for (int i = 0; i < 10'000 && status == 200; ++i) {
    status = put_device("n" + std::to_string(i), version, "app.bin");
  }
  EXPECT_EQ(status, 507);
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").body, "app.bin");
  EXPECT_EQ(get_file("app.bin"), "firmware");
  make_room();
  EXPECT_EQ(put_file("b.bin", std::string(100'000, 'x')), 200);
  EXPECT_EQ(put_device("00002", "0.1.0", "b.bin"), 200);
}

TEST_F(FullDisk, IsNoReasonNotToStart) {
  start();
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  fill();
  start();
  EXPECT_EQ(get_file("app.bin"), "firmware");
}

TEST_F(FullDisk, ThatIsReadOnlyIsSaidAtTheStart) {
  ASSERT_EQ(::mount("tmpfs", mounted_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, kSize), 0);
  ServerOptions options;
  options.data_directory = mounted_;
  ServerProcess server(options);
  EXPECT_EQ(server.wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr("Read-only file system"));
}

TEST_F(ResourceFaults, AFileThatMayNotGrowAnyFurtherIsRefusedAsOnAFullDisk) {
  start_limited("ulimit -f 1024");  // Of 512 bytes each.
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  EXPECT_EQ(put_file("b.bin", std::string(1'000'000, 'x')), 507);
  int status = 200;
  for (int i = 0; i < 10'000 && status == 200; ++i) {
    status = put_device("n" + std::to_string(i), "0.1.0", "app.bin");
  }
  EXPECT_EQ(status, 507);
  EXPECT_THAT(server_->log(), HasSubstr("File too large"));
  EXPECT_EQ(exchange("GET", "/devices/n0?app_ver=0.1.0").body, "app.bin");
}

TEST_F(ResourceFaults, ADatabaseThatAnotherProcessHoldsIsSaidToBeUnavailable) {
  start();
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  SQLite::Database database((directory_.path() / "data" / "fuota.db").string(),
                            SQLite::OPEN_READWRITE);
  database.exec("BEGIN IMMEDIATE");
  const auto refused = exchange("PUT", "/devices/00002", "\"00002\",\"0.1.0\",\"app.bin\"");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.field("retry-after"), "");
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").status, 404);  // there is no such file
  database.exec("ROLLBACK");
  EXPECT_EQ(put_device("00002", "0.1.0", "app.bin"), 200);
}

TEST_F(ResourceFaults, ALackOfDescriptorsPassesByItself) {
  start_limited("ulimit -n 64", {"--handshake-deadline", "0.2"});
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  {
    Clients clients;
    for (int i = 0; i < 200; ++i) clients.push_back(silent_client());
    // Behind them all, and served when they have had their time.
    EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204);
  }
  EXPECT_THAT(server_->log(), AnyOf(HasSubstr("connections is reached"),
                                    HasSubstr("a connection can't be accepted")));
  EXPECT_EQ(put_file("app.bin", std::string(100'000, 'x')), 200);
}

TEST_F(ResourceFaults, ALackOfMemoryCostsThoseWhoWantItAndPassesByItself) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "skipped: AddressSanitizer needs all addresses";
#endif
  // So much that the server starts, and not enough for all of its clients, which no deadline ends.
  start_limited("ulimit -v 100000", {"--threads", "1", "--header-deadline", "3600"});
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  {
    Clients clients;
    const std::string half = "GET /devices HTTP/1.1\r\nX: " + std::string(7000, 'x');
    constexpr int kRefusedMin = 50;
    int refused = 0;
    for (int i = 0; i < 8000 && refused < kRefusedMin; ++i) {
      auto client = tls_client();
      if (!client || !client->send(half)) ++refused;
      clients.push_back(std::move(client));
    }
    EXPECT_EQ(refused, kRefusedMin);
  }
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=9").status, 204);
  EXPECT_EQ(put_file("app.bin", std::string(100'000, 'x')), 200);
}

}  // namespace
}  // namespace fuota::server
