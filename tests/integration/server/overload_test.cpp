// More devices than the server is told to serve at a time.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using std::chrono::steady_clock;

class Overload : public ServerTest {
 protected:
  /// Asks for the file until it comes, as often as it is told to. How often that was.
  int download(const std::string& content) {
    for (int refused = 0;; ++refused) {
      const int ended = begin_to_ask();
      const auto response = exchange("GET", "/files/app.bin");
      end_asking(response.status == 200);
      if (response.status == 200) {
        EXPECT_TRUE(response.body == content);
        return refused;
      }
      EXPECT_EQ(response.status, 503);
      const auto wait_s = std::stoi("0" + response.field("retry-after"));
      EXPECT_GE(wait_s, 1);
      // The callers of this test have one address, so one place in the queue: they take turns at it
      // sooner than a device would.
      wait_for_another_end(ended);
    }
  }

 private:
  /// How many downloads have ended so far.
  int begin_to_ask() {
    const std::lock_guard lock(mutex_);
    ++asking_;
    return ended_;
  }

  void end_asking(bool downloaded) {
    const std::lock_guard lock(mutex_);
    --asking_;
    if (downloaded) ++ended_;
    changed_.notify_all();
  }

  /// Until more than `ended` downloads have ended; or nobody asks any more, since the server learns
  /// of an end a little later than the client.
  void wait_for_another_end(int ended) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ > ended || asking_ == 0; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int asking_ = 0;
  int ended_ = 0;
};

TEST_F(Overload, GivesEverybodyItsFileAtTheRateThatIsSet) {
  constexpr int kDownloads = 12;
  constexpr std::size_t kBytes = 100'000;
  constexpr std::size_t kRate = 1'000'000;
  start({"--downloads-max", "3", "--download-rate", std::to_string(kRate)});
  const std::string content(kBytes, 'x');
  ASSERT_EQ(put_file("app.bin", content), 200);
  const auto begin = steady_clock::now();
  std::vector<std::future<int>> downloads;
  downloads.reserve(kDownloads);
  for (int i = 0; i < kDownloads; ++i) {
    downloads.push_back(std::async(std::launch::async, [&] { return download(content); }));
  }
  int refused = 0;
  for (auto& one : downloads) refused += one.get();
  EXPECT_GT(refused, 0);
  // All but the last piece of each had to wait for its turn: it can't have been faster.
  const std::chrono::duration<double> took = steady_clock::now() - begin;
  EXPECT_GT(took.count() * kRate, (kBytes - 16384) * kDownloads);
}

TEST_F(Overload, TellsDevicesWhenToCheckAgain) {
  start({"--poll-interval", "600"});
  const auto response = exchange("GET", "/devices/1?app_ver=1");
  EXPECT_NEAR(std::stoi("0" + response.field("retry-after")), 600, 61);
}

}  // namespace
}  // namespace fuota::server
