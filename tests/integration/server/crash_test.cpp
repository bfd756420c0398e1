// kill -9 in the middle of uploads, row updates and reports: what was acknowledged is there after
// the restart, and nothing is there by half.

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "server/storage/sha256.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/random_seed.hpp"

namespace fuota::server {
namespace {

using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;

constexpr int kCrashesPerTest = 10;
constexpr std::size_t kPutsMax = 12;
constexpr std::size_t kFileBytesMax = 200'000;

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

  /// Sends puts one behind the other, kills the server after a random number of answers and of
  /// further bytes, and learns from what it had still said which of them it acknowledged.
  void run_until_crash() {
    std::vector<Put> puts;
    std::string bytes;
    for (std::size_t left = 1 + random_() % kPutsMax; left > 0; --left) {
      puts.push_back(random_put());
      bytes += to_text(puts.back());
    }
    const std::size_t answered = random_() % puts.size();
    std::size_t needed = 0;
    for (std::size_t i = 0; i < answered; ++i) needed += to_text(puts[i]).size();
    const std::size_t begun = needed + random_() % (bytes.size() - needed);

    TlsClient tls(server_->client());
    HttpReader reader(tls);
    tls.send(bytes.substr(0, begun));
    auto put = puts.begin();
    for (std::size_t i = 0; i < answered; ++i) {
      ASSERT_EQ(reader.receive().status, 200);
      acknowledge(*put++);
    }
    tls.send(bytes.substr(begun, random_() % (bytes.size() - begun + 1)));
    server_->signal(SIGKILL);
    ASSERT_EQ(server_->wait(), -SIGKILL);
    for (; put != puts.end() && reader.receive().status == 200; ++put) acknowledge(*put);
    // The answers come in the order of the requests: none behind this one was begun.
    if (put != puts.end()) put->expected->pending = put->value;
  }

  static void acknowledge(const Put& put) { put.expected->acknowledged = put.value; }

  /// A put after which the connection goes on.
  static std::string to_text(const Put& put) {
    return "PUT " + put.target + " HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
           "\r\nContent-Length: " + std::to_string(put.body.size()) + "\r\n\r\n" + put.body;
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

/// A device that reports, and sends again what was not acknowledged.
class ReportCrashes : public ServerTest, public testing::WithParamInterface<int> {
 protected:
  static std::string to_text(std::uint32_t sequence) {
    const std::string body = R"({"stream":"00f1e2d3c4b5a697","sequence":)" +
                             std::to_string(sequence) +
                             R"(,"state":"downloading","deployment":"d","version":"1","image":")" +
                             std::string(64, 'a') + "\"}";
    return "POST /devices/00001/reports HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  /// Sends reports one behind the other from the first that was not acknowledged on, and kills the
  /// server after a random number of answers.
  void run_until_crash() {
    const std::size_t count = 1 + random_() % kPutsMax;
    std::string bytes;
    for (std::size_t i = 1; i <= count; ++i) {
      bytes += to_text(acknowledged_ + static_cast<std::uint32_t>(i));
    }
    TlsClient tls(server_->client());
    HttpReader reader(tls);
    tls.send(bytes);
    for (std::size_t left = random_() % count; left > 0; --left) {
      ASSERT_EQ(reader.receive().status, 204);
      ++acknowledged_;
    }
    server_->signal(SIGKILL);
    ASSERT_EQ(server_->wait(), -SIGKILL);
    while (reader.receive().status == 204) ++acknowledged_;
  }

  /// The sequences of all reports that the server has, newest first.
  [[nodiscard]] std::vector<std::uint32_t> stored() const {
    const auto response = exchange("GET", "/api/v1/devices/00001/history?limit=1000");
    std::vector<std::uint32_t> sequences;
    const boost::json::value history = boost::json::parse(response.body);
    for (const boost::json::value& event : history.at("events").as_array()) {
      sequences.push_back(event.at("sequence").to_number<std::uint32_t>());
    }
    return sequences;
  }

  std::uint32_t seed_ = test_support::random_seed() + static_cast<std::uint32_t>(GetParam());
  std::mt19937 random_{seed_};
  std::uint32_t acknowledged_ = 0;
};

TEST_P(ReportCrashes, LoseNoReportThatWasAcknowledgedAndKeepNoneTwice) {
  SCOPED_TRACE("FUOTA_TEST_SEED=" + std::to_string(seed_ - static_cast<std::uint32_t>(GetParam())));
  start();
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  for (int crash = 0; crash < kCrashesPerTest; ++crash) {
    SCOPED_TRACE("crash " + std::to_string(crash));
    run_until_crash();
    if (HasFatalFailure()) return;
    start();
    const std::vector<std::uint32_t> found = stored();
    // At most one was stored whose answer did not come any more.
    ASSERT_GE(found.size(), acknowledged_);
    ASSERT_LE(found.size(), acknowledged_ + 1);
    std::uint32_t expected = static_cast<std::uint32_t>(found.size());
    for (const std::uint32_t sequence : found) ASSERT_EQ(sequence, expected--);
  }
}

INSTANTIATE_TEST_SUITE_P(Twenty, ReportCrashes, testing::Range(0, 2));

}  // namespace
}  // namespace fuota::server
