// kill -9 in the middle of uploads and row updates: what was acknowledged is there after the
// restart, and nothing is there by half.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "server/storage/sha256.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/random_seed.hpp"

namespace fuota::server {
namespace {

using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::ServerProcess;
using test_support::TlsClient;

constexpr int kCrashesPerTest = 10;
constexpr int kOperationsMax = 6;
constexpr std::size_t kFileBytesMax = 200'000;
constexpr int kDelayMicrosecondsMax = 12'000;

/// What a name or an id may hold after a crash: what was acknowledged last, or what was being put
/// when the server died.
struct Expected {
  std::string acknowledged;  ///< Empty: nothing yet.
  std::string pending;       ///< Empty: nothing is being put.

  void settle(const std::string& found) {
    EXPECT_TRUE(found == acknowledged || (!pending.empty() && found == pending))
        << "found " << found.size() << " bytes that were not put";
    acknowledged = found;
    pending.clear();
  }
};

class Crashes : public ServerTest, public testing::WithParamInterface<int> {
 protected:
  /// A random put, with what it would change.
  struct Put {
    std::string target;
    std::string body;
    Expected* expected;
    std::string value;
  };

  Put random_put() {
    const std::string number = std::to_string(random_() % 3);
    if (random_() % 2 == 0) {
      const std::string content(1 + random_() % kFileBytesMax,
                                static_cast<char>('a' + random_() % 26));
      return {"/files/" + number, content, &files_[number], content};
    }
    const std::string row =
        "\"" + number + "\",\"" + std::to_string(random_()) + "\",\"" + number + "\"\n";
    return {"/devices/" + number, row, &devices_[number], row};
  }

  /// Puts some things, and kills the server at a random point of one more.
  void run_until_crash() {
    for (std::size_t left = random_() % kOperationsMax; left > 0; --left) {
      const Put put = random_put();
      ASSERT_EQ(exchange("PUT", put.target, put.body).status, 200);
      put.expected->acknowledged = put.value;
    }
    const Put last = random_put();
    last.expected->pending = last.value;
    const std::string text = ServerProcess::to_text({"PUT", last.target, last.body, {}});
    TlsClient tls(server_->client());
    const bool whole = random_() % 3 != 0;
    tls.send(text.substr(0, whole ? text.size() : random_() % text.size()));
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % kDelayMicrosecondsMax));
    if (random_() % 4 == 0 && tls.readable_within(0)) {
      const HttpResponse response = HttpReader(tls).receive();
      if (response.status == 200) {
        last.expected->acknowledged = last.value;
        last.expected->pending.clear();
      }
    }
    server_->signal(SIGKILL);
    EXPECT_EQ(server_->wait(), -SIGKILL);
  }

  void check_after_restart() {
    std::map<std::string, std::string> rows;
    std::string list = get_devices();
    while (!list.empty()) {
      const std::string row = list.substr(0, list.find('\n') + 1);
      list.erase(0, row.size());
      rows[row.substr(1, row.find('"', 1) - 1)] = row;
    }
    for (auto& [id, expected] : devices_) expected.settle(rows[id]);
    for (auto& [name, expected] : files_) {
      const HttpResponse response = exchange("GET", "/files/" + name);
      ASSERT_TRUE(response.status == 200 || response.status == 404) << response.status;
      expected.settle(response.status == 200 ? response.body : "");
      if (response.status == 404) continue;
      storage::Sha256 hash;
      hash.update(response.body);
      EXPECT_EQ(response.field("etag"), "\"" + storage::to_hex(hash.finish()) + "\"");
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "data" / "blobs" / "incoming"));
  }

  std::uint32_t seed_ = test_support::random_seed() + static_cast<std::uint32_t>(GetParam());
  std::mt19937 random_{seed_};
  std::map<std::string, Expected> files_;
  std::map<std::string, Expected> devices_;
};

TEST_P(Crashes, LoseNothingAcknowledgedAndShowNothingByHalf) {
  SCOPED_TRACE("FUOTA_TEST_SEED=" + std::to_string(seed_ - static_cast<std::uint32_t>(GetParam())));
  start();
  for (int crash = 0; crash < kCrashesPerTest; ++crash) {
    SCOPED_TRACE("crash " + std::to_string(crash));
    run_until_crash();
    if (HasFatalFailure()) return;
    start();
    check_after_restart();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Fifty, Crashes, testing::Range(0, 5));

}  // namespace
}  // namespace fuota::server
