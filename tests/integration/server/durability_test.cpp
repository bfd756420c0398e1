// What has been brought to the disk, and in which order, when a client has its 200: no crash of the
// process shows whether a power cut would have lost something.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "server/storage/sha256.hpp"
#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/signed_manifest.hpp"

namespace fuota::server {
namespace {

using testing::Contains;

/// So many requests that a sync for each would be told from a batch of contacts.
constexpr int kRepetitions = 50;

constexpr char kContent[] = "firmware";

class Durability : public ServerTest {
 protected:
  void SetUp() override {
    test_support::ServerOptions options;
    options.data_directory = data_;
    options.arguments = {"--host", "127.0.0.1"};
    options.environment["LD_PRELOAD"] = FUOTA_SYNC_RECORDER;
    options.environment["FUOTA_SYNC_RECORD"] = record_.string();
    server_ = std::make_unique<test_support::ServerProcess>(options);
    ASSERT_NE(server_->port(), 0) << server_->log();
    // The first change of a database syncs more than those that follow it.
    ASSERT_EQ(put_file("old.bin", "old"), 200);
    ASSERT_EQ(put_device("00001", "0.1.0", "new.bin"), 200);
    seen_ = calls().size();
  }

  /// The calls that were recorded since the server was ready.
  [[nodiscard]] std::vector<std::string> new_calls() const {
    std::vector<std::string> lines = calls();
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(seen_));
    return lines;
  }

  [[nodiscard]] std::string write_ahead_log_synced() const {
    return "sync " + (data_ / "fuota.db-wal").string();
  }

  const std::filesystem::path data_ = directory_.path() / "data";

 private:
  [[nodiscard]] std::vector<std::string> calls() const {
    std::ifstream file(record_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  const std::filesystem::path record_ = directory_.path() / "record";
  std::size_t seen_ = 0;
};

TEST_F(Durability, OfAFileIsThereInOrderWhenItIsAcknowledged) {
  ASSERT_EQ(put_file("new.bin", kContent), 200);
  const std::vector<std::string> calls = new_calls();
  SCOPED_TRACE(testing::PrintToString(calls));
  storage::Sha256 hash;
  hash.update(kContent);
  const std::string blobs = (data_ / "blobs").string();
  const std::string target = " " + blobs + " " + storage::to_hex(hash.finish());
  const std::string from = "rename " + blobs + "/incoming ";
  const auto renamed = std::find_if(calls.begin(), calls.end(), [&](const std::string& call) {
    return call.starts_with(from) && call.ends_with(target);
  });
  ASSERT_NE(renamed, calls.end());
  const std::string name =
      renamed->substr(from.size(), renamed->size() - from.size() - target.size());
  EXPECT_NE(std::find(calls.begin(), renamed, "sync " + blobs + "/incoming/" + name), renamed);
  const auto entered = std::find(renamed, calls.end(), "sync " + blobs);
  ASSERT_NE(entered, calls.end());
  EXPECT_NE(std::find(entered, calls.end(), write_ahead_log_synced()), calls.end());
}

TEST_F(Durability, OfARowIsThereWhenItIsAcknowledged) {
  ASSERT_EQ(put_device("00001", "0.2.0", "new.bin"), 200);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

TEST_F(Durability, OfARemovedRowIsThereWhenItIsAcknowledged) {
  ASSERT_EQ(exchange("DELETE", "/devices/00001").status, 200);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

TEST_F(Durability, OfARemovedFileIsThereWhenItIsAcknowledged) {
  ASSERT_EQ(exchange("DELETE", "/files/old.bin").status, 200);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

std::string report(int sequence) {
  return R"({"stream":"00f1e2d3c4b5a697","sequence":)" + std::to_string(sequence) +
         R"(,"state":"installed","deployment":"d","version":"1","image":")" + std::string(64, 'a') +
         "\"}";
}

TEST_F(Durability, OfAReportIsThereWhenItIsAcknowledged) {
  ASSERT_EQ(exchange("POST", "/devices/00001/reports", report(1)).status, 204);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

TEST_F(Durability, OfWhatADeviceRunsIsThereWhenItsCheckIsAnswered) {
  const std::string target = "/devices/00001?app_ver=0.2.0&image=" + std::string(64, 'a');
  const std::vector<std::string> fields = {"Accept: application/vnd.fuota.offer+json"};
  ASSERT_EQ(exchange("GET", target, "", fields).status, 204);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

TEST_F(Durability, CostsNoSyncWhenADeviceSaysTheSameOrReportsAgain) {
  const std::string target = "/devices/00001?app_ver=0.2.0&image=" + std::string(64, 'a');
  const std::vector<std::string> fields = {"Accept: application/vnd.fuota.offer+json"};
  ASSERT_EQ(exchange("GET", target, "", fields).status, 204);
  ASSERT_EQ(exchange("POST", "/devices/00001/reports", report(1)).status, 204);
  const std::size_t before = new_calls().size();
  for (int i = 0; i < kRepetitions; ++i) {
    ASSERT_EQ(exchange("GET", target, "", fields).status, 204);
    ASSERT_EQ(exchange("POST", "/devices/00001/reports", report(1)).status, 204);
  }
  // A batch of contacts may come in between, whatever is asked.
  EXPECT_LT(new_calls().size(), before + kRepetitions);
}

TEST_F(Durability, OfARootDocumentIsThereWhenItIsAcknowledged) {
  ASSERT_EQ(exchange("PUT", "/roots/1", test_support::signed_root(1)).status, 200);
  EXPECT_THAT(new_calls(), Contains(write_ahead_log_synced()));
}

}  // namespace
}  // namespace fuota::server
