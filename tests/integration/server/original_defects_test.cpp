// The defects that were seen in the original server, each asked for in the way that shows it there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::TlsClient;
using testing::HasSubstr;
using testing::Not;

class OriginalDefects : public ServerTest {
 protected:
  void SetUp() override { start({"--file-bytes-max", "100000000"}); }
};

TEST_F(OriginalDefects, AnIdIsNoSql) {
  ASSERT_EQ(put_file("secret.bin", "x"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "secret.bin"), 200);
  EXPECT_EQ(exchange("GET", "/devices/x'%20OR%20'1'='1?app_ver=0.1.0").status, 404);
  EXPECT_EQ(
      exchange("GET", "/devices/x'%20UNION%20SELECT%20'0.1.0','secret.bin?app_ver=0.1.0").status,
      404);
}

TEST_F(OriginalDefects, AFileNameIsNoPath) {
  std::ofstream(directory_.path() / "data" / "outside.txt") << "outside";
  for (const char* name : {"..%2foutside.txt", "../outside.txt", "..%2f..%2f..%2fetc%2fpasswd",
                           "%2fetc%2fpasswd", "outside.txt"}) {
    EXPECT_THAT(exchange("GET", "/files/" + std::string(name)).status, testing::AnyOf(400, 404))
        << name;
    EXPECT_NE(exchange("PUT", "/files/" + std::string(name), "inside").status, 500) << name;
  }
  std::ifstream file(directory_.path() / "data" / "outside.txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "outside");
}

TEST_F(OriginalDefects, ASilentClientBlocksNobody) {
  ClientOptions options = server_->client();
  options.with_tls = false;
  const TlsClient silent(options);
  EXPECT_EQ(exchange("GET", "/devices").status, 200);
}

TEST_F(OriginalDefects, AnUploadCutShortLeavesTheGoodFile) {
  ASSERT_EQ(put_file("app.bin", "good"), 200);
  {
    TlsClient tls(server_->client());
    const std::string upload = test_support::ServerProcess::to_text(
        {"PUT", "/files/app.bin", std::string(100'000, 'x'), {}});
    tls.send(upload.substr(0, upload.size() - 1));
  }
  ASSERT_TRUE(server_->wait_for_log("path=/files/app.bin status=400"));
  EXPECT_EQ(get_file("app.bin"), "good");
}

TEST_F(OriginalDefects, AFileBeingReplacedIsServedOldOrNewButWhole) {
  const std::string contents[] = {std::string(1'000'000, 'a'), std::string(1'300'000, 'b')};
  ASSERT_EQ(put_file("app.bin", contents[0]), 200);
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::atomic<int> reads{0};
  std::array<std::jthread, 3> devices;
  for (std::jthread& device : devices) {
    device = std::jthread([&] {
      while (!done) {
        const std::string content = get_file("app.bin");
        if (content != contents[0] && content != contents[1]) ++torn;
        ++reads;
      }
    });
  }
  while (reads == 0) std::this_thread::yield();
  for (int i = 1; i <= 10; ++i) EXPECT_EQ(put_file("app.bin", contents[i % 2]), 200);
  done = true;
  for (std::jthread& device : devices) device.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(reads, 0);
}

TEST_F(OriginalDefects, ADownloadInProgressGoesOnWithTheOldFile) {
  const std::string old(8'000'000, 'a');
  ASSERT_EQ(put_file("app.bin", old), 200);
  ClientOptions options = server_->client();
  options.receive_buffer_bytes = 65536;
  TlsClient tls(options);
  tls.send(test_support::ServerProcess::to_text({"GET", "/files/app.bin", "", {}}));
  ASSERT_TRUE(tls.readable_within(20'000));
  ASSERT_EQ(put_file("app.bin", "new"), 200);
  EXPECT_TRUE(HttpReader(tls).receive().body == old);
  EXPECT_EQ(get_file("app.bin"), "new");
}

TEST_F(OriginalDefects, AMissingLengthIsAnsweredNotDropped) {
  TlsClient tls(server_->client());
  tls.send("PUT /files/app.bin HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
           "\r\n\r\n");
  EXPECT_EQ(HttpReader(tls).receive().status, 411);
}

TEST_F(OriginalDefects, AnotherIdInTheRowUpdatesNoOtherDevice) {
  ASSERT_EQ(put_device("00002", "0.1.0", "app.bin"), 200);
  EXPECT_EQ(exchange("PUT", "/devices/00001", "\"00002\",\"9.9.9\",\"evil.bin\"").status, 400);
  EXPECT_EQ(get_devices(), "\"00002\",\"0.1.0\",\"app.bin\"\n");
}

TEST_F(OriginalDefects, CredentialsAreNotLogged) {
  const std::size_t scheme_bytes = std::string("Basic ").size();
  const std::string right =
      test_support::basic_authorization(test_support::kUsername, test_support::kPassword);
  const std::string wrong = test_support::basic_authorization("intruder", "letmein");
  ASSERT_EQ(exchange("GET", "/devices").status, 200);
  TlsClient tls(server_->client());
  tls.send("GET /devices HTTP/1.1\r\nHost: h\r\nAuthorization: " + wrong + "\r\n\r\n");
  ASSERT_EQ(HttpReader(tls).receive().status, 403);
  ASSERT_TRUE(server_->wait_for_log("status=403"));
  const std::string log = server_->log();
  for (const std::string& secret :
       {right.substr(scheme_bytes), wrong.substr(scheme_bytes),
        std::string(test_support::kPassword), std::string("intruder"), std::string("letmein")}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

#if !defined(__SANITIZE_ADDRESS__)
/// The most memory that the process has used so far, in KiB; -1 when the system does not tell.
long peak_memory_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return -1;
}

// A sanitizer keeps freed memory, so there is nothing to be measured under one.
TEST_F(OriginalDefects, AFileIsNeverInMemoryWhole) {
  const long before = peak_memory_kib(server_->pid());
  ASSERT_GT(before, 0);
  const std::string large(64 * 1024 * 1024, 'x');
  ASSERT_EQ(put_file("large.bin", large), 200);
  ASSERT_EQ(exchange("GET", "/files/large.bin").body.size(), large.size());
  const long after = peak_memory_kib(server_->pid());
  ASSERT_GT(after, 0);
  EXPECT_LT(after - before, 16 * 1024);
}
#endif

}  // namespace
}  // namespace fuota::server
