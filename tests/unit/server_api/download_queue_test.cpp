#include "server/api/download_queue.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace fuota::server::api {
namespace {

using std::chrono::seconds;
using Admission = DownloadQueue::Admission;
using ComeBack = DownloadQueue::ComeBack;

class Downloads : public testing::Test {
 protected:
  std::variant<Admission, ComeBack> ask(const std::string& caller) { return queue_.ask(caller, 0); }

  /// Whether `caller` is admitted; it is then downloading until `finish`.
  bool admits(const std::string& caller) {
    auto answer = ask(caller);
    if (std::holds_alternative<ComeBack>(answer)) return false;
    running_.push_back(std::get<Admission>(std::move(answer)));
    return true;
  }
  void finish() { running_.erase(running_.begin()); }

  DownloadQueue::TimePoint now_{std::chrono::hours(1000)};
  DownloadQueue queue_{2, [this] { return now_; }};
  std::vector<Admission> running_;
};

TEST_F(Downloads, AreAdmittedUpToTheirNumber) {
  EXPECT_TRUE(admits("a"));
  EXPECT_TRUE(admits("b"));
  EXPECT_FALSE(admits("c"));
  EXPECT_EQ(queue_.put_off(), 1U);
  finish();
  EXPECT_TRUE(admits("c"));
  EXPECT_EQ(queue_.put_off(), 1U);
}

TEST_F(Downloads, AreNotLimitedByANumberOfZero) {
  DownloadQueue queue(0);
  std::vector<std::variant<Admission, ComeBack>> answers;
  for (int i = 0; i < 1000; ++i) {
    answers.push_back(queue.ask("a", 0));
    ASSERT_TRUE(std::holds_alternative<Admission>(answers.back()));
  }
}

TEST_F(Downloads, AreAdmittedInTheOrderOfAsking) {
  ASSERT_TRUE(admits("a") && admits("b"));
  EXPECT_FALSE(admits("first"));
  EXPECT_FALSE(admits("second"));
  finish();
  EXPECT_FALSE(admits("second"));
  EXPECT_FALSE(admits("newcomer"));
  EXPECT_TRUE(admits("first"));
  finish();
  EXPECT_TRUE(admits("second"));
}

TEST_F(Downloads, AreToldToComeBackByTheirPlace) {
  ASSERT_TRUE(admits("a") && admits("b"));
  // Nothing has ended yet: 10 s for two at a time are taken for granted.
  EXPECT_EQ(std::get<ComeBack>(ask("first")).in_s, 5U);
  EXPECT_EQ(std::get<ComeBack>(ask("second")).in_s, 10U);
  EXPECT_EQ(std::get<ComeBack>(ask("third")).in_s, 15U);
  EXPECT_EQ(std::get<ComeBack>(ask("second")).in_s, 10U);
}

TEST_F(Downloads, AreToldLaterWhenTheyLastLonger) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(admits("a"));
    now_ += seconds(100);
    finish();
  }
  ASSERT_TRUE(admits("a") && admits("b"));
  EXPECT_NEAR(std::get<ComeBack>(ask("first")).in_s, 50, 2);
}

TEST_F(Downloads, AreNotHeldUpByOneThatDoesNotComeBack) {
  ASSERT_TRUE(admits("a") && admits("b"));
  EXPECT_FALSE(admits("gone"));
  EXPECT_FALSE(admits("next"));
  finish();
  EXPECT_FALSE(admits("next"));
  now_ += seconds(5) + kSlotKept + seconds(1);
  EXPECT_TRUE(admits("next"));
}

TEST_F(Downloads, KeepTheirPlaceWhenTheyComeLate) {
  ASSERT_TRUE(admits("a") && admits("b"));
  EXPECT_FALSE(admits("late"));
  now_ += seconds(5) + kSlotKept + seconds(1);
  EXPECT_FALSE(admits("next"));
  EXPECT_FALSE(admits("late"));
  finish();
  EXPECT_FALSE(admits("next"));
  EXPECT_TRUE(admits("late"));
}

TEST_F(Downloads, RememberNoMoreThanABoundedNumber) {
  ASSERT_TRUE(admits("a") && admits("b"));
  for (std::size_t i = 0; i < kQueuedCallersMax + 10; ++i) EXPECT_FALSE(admits(std::to_string(i)));
  EXPECT_EQ(queue_.queued(), kQueuedCallersMax);
  // Those whose time is over make room.
  now_ += seconds(2 * kComeBackSMax) + kPlaceKept;
  EXPECT_FALSE(admits("one more"));
  EXPECT_EQ(queue_.queued(), 1U);
}

}  // namespace
}  // namespace fuota::server::api
