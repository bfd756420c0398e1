#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sdkconfig.h"
#include "tests/simulation/contact/answer_faults.hpp"
#include "tests/simulation/contact/signed_release.hpp"
#include "tests/simulation/releases/release_draft.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;
using testing::SizeIs;
using What = ServedRequest::Kind;

constexpr std::int64_t kPeriodS = CONFIG_FUO_CHECK_PERIOD_S;
constexpr std::int64_t kWaitMaxS = CONFIG_FUO_RETRY_WAIT_MAX_S;
constexpr std::int64_t kDayS = 86'400;
/// A scan, a connection and a check on a good network.
constexpr std::int64_t kContactS = 6;

const SignedRelease& release() {
  return signed_release("0.1.1", 20'000);
}

/// The sample application as the configuration menu's defaults make it, which trusts a release key,
/// and the times at which it asked.
class RetryDevice {
 public:
  explicit RetryDevice(std::uint64_t seed = 1) : board_(options(seed)), server_(board_.network()) {
    board_.world().add(update_access_point());
    board_.set_firmware(&app_main);
    board_.provision({{"device_id", std::string("00001")},
                      {"server_cert", std::string(kCertificate)},
                      {"trusted_keys", public_line(release_key(0))}});
    server_.add_device("00001");
    server_.spoil_with([this](const ServedRequest& request) { return choose(request); });
  }

  void offer(const SignedRelease& what) {
    server_.upload(what.file_name, what.file);
    server_.assign("00001", what.release);
  }
  /// The answer to each request of this kind from now on.
  void answer(What what, AnswerFault fault) {
    what_ = what;
    fault_ = std::move(fault);
  }
  void answer_rightly() { fault_ = {}; }

  void run_s(std::int64_t seconds) { (void)board_.run(seconds * kSecondUs); }
  /// Lets time pass until so many more checks were made.
  void run_checks(std::size_t checks) {
    const std::size_t wanted = check_times_s_.size() + checks;
    for (std::int64_t s = 0; s < 20 * kDayS && check_times_s_.size() < wanted; ++s) run_s(1);
    run_s(kContactS / 2);
    ASSERT_THAT(check_times_s_, SizeIs(Ge(wanted)));
  }

  /// The times between checks, in seconds, since the last call; the first is that from the last
  /// check before it.
  std::vector<std::int64_t> take_gaps_s() {
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < check_times_s_.size(); ++i) {
      gaps.push_back(check_times_s_[i] - check_times_s_[i - 1]);
    }
    if (!check_times_s_.empty()) check_times_s_ = {check_times_s_.back()};
    return gaps;
  }

  TestBoard& board() { return board_; }
  NativeServer& server() { return server_; }

 private:
  static TestBoard::Options options(std::uint64_t seed) {
    TestBoard::Options options;
    options.board.seed = seed;
    return options;
  }

  AnswerFault choose(const ServedRequest& request) {
    if (request.kind == What::check) check_times_s_.push_back(board_.board().now_us() / kSecondUs);
    return request.kind == what_ ? fault_ : AnswerFault{};
  }

  TestBoard board_;
  NativeServer server_;
  What what_ = What::check;
  AnswerFault fault_;
  std::vector<std::int64_t> check_times_s_;
};

TEST(Retries, OfAServerThatIsWellComeEachPeriod) {
  RetryDevice device;
  device.run_checks(6);
  EXPECT_THAT(device.take_gaps_s(), Each(AllOf(Ge(kPeriodS), Le(kPeriodS + kContactS))));
}

TEST(Retries, ComeMoreAndMoreSeldomUpToTheLongestWait) {
  RetryDevice device;
  device.answer(What::check, answer_with(500));
  device.run_checks(10);
  const auto gaps = device.take_gaps_s();
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const std::int64_t bound_s = std::min(kPeriodS << i, kWaitMaxS);
    EXPECT_THAT(gaps[i], AllOf(Ge(bound_s / 2), Le(bound_s + kContactS))) << "failure " << i + 1;
  }
  EXPECT_THAT(gaps.back(), Ge(kWaitMaxS / 2));
}

TEST(Retries, BeginAnewAfterASuccess) {
  RetryDevice device;
  device.answer(What::check, answer_with(500));
  device.run_checks(7);
  device.answer_rightly();
  device.run_checks(1);
  (void)device.take_gaps_s();
  device.answer(What::check, answer_with(500));
  device.run_checks(3);
  const auto gaps = device.take_gaps_s();
  ASSERT_THAT(gaps, SizeIs(3));
  EXPECT_THAT(gaps[0], AllOf(Ge(kPeriodS), Le(kPeriodS + kContactS))) << "after the success";
  EXPECT_THAT(gaps[1], AllOf(Ge(kPeriodS / 2), Le(kPeriodS + kContactS))) << "failure 1";
  EXPECT_THAT(gaps[2], AllOf(Ge(kPeriodS), Le(2 * kPeriodS + kContactS))) << "failure 2";
}

TEST(Retries, OfAFleetDoNotComeInStep) {
  std::set<std::int64_t> times_s;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    RetryDevice device(seed);
    device.answer(What::check, answer_with(500));
    device.run_checks(8);
    std::int64_t sum_s = 0;
    for (const std::int64_t gap : device.take_gaps_s()) sum_s += gap;
    times_s.insert(sum_s);
  }
  EXPECT_THAT(times_s, SizeIs(4));
}

struct RetryAfterCase {
  const char* title;
  void (*set_up)(RetryDevice&, unsigned retry_after_s);
};

std::string retry_after(unsigned seconds) {
  return "Retry-After: " + std::to_string(seconds) + "\r\n";
}

class RetryAfter : public testing::TestWithParam<RetryAfterCase> {};

TEST_P(RetryAfter, IsHonoured) {
  constexpr unsigned kSeconds = 5'000;
  RetryDevice device;
  GetParam().set_up(device, kSeconds);
  device.run_checks(3);
  EXPECT_THAT(device.take_gaps_s(), Each(AllOf(Ge(kSeconds), Le(kSeconds * 9 / 8 + kContactS))))
      << device.board().transcript();
}

TEST_P(RetryAfter, IsSpread) {
  std::set<std::int64_t> gaps_s;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    RetryDevice device(seed);
    GetParam().set_up(device, 5'000);
    device.run_checks(2);
    for (const std::int64_t gap : device.take_gaps_s()) gaps_s.insert(gap);
  }
  EXPECT_THAT(gaps_s, SizeIs(Ge(3U)));
}

TEST_P(RetryAfter, IsBoundedByADay) {
  RetryDevice device;
  GetParam().set_up(device, 4'000'000'000);
  device.run_checks(2);
  EXPECT_THAT(device.take_gaps_s(), Each(AllOf(Ge(kDayS), Le(kDayS * 9 / 8 + kContactS))));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RetryAfter,
    testing::Values(RetryAfterCase{"OfA204",
                                   [](RetryDevice& device, unsigned seconds) {
                                     device.server().set_retry_after(seconds);
                                   }},
                    RetryAfterCase{"OfA503",
                                   [](RetryDevice& device, unsigned seconds) {
                                     device.answer(What::check,
                                                   answer_with(503, retry_after(seconds)));
                                   }},
                    RetryAfterCase{"OfA200WhoseFileIsRefused",
                                   [](RetryDevice& device, unsigned seconds) {
                                     device.offer(release());
                                     device.server().set_retry_after(seconds);
                                     device.answer(What::file, answer_with(404));
                                   }},
                    RetryAfterCase{"OfA503ToTheRequestForTheFile",
                                   [](RetryDevice& device, unsigned seconds) {
                                     device.offer(release());
                                     device.answer(What::file,
                                                   answer_with(503, retry_after(seconds)));
                                   }}),
    [](const auto& row) { return row.param.title; });

TEST(Trial, AsksOftenWhateverTheServerSaysOrFails) {
  for (const AnswerFault& fault :
       {answer_with(503, retry_after(3'600)), answer_with(500), answer_with(403)}) {
    RetryDevice device;
    device.offer(release());
    device.run_checks(1);
    for (int s = 0; s < 60 && !device.board().printed("restarting"); ++s) device.run_s(1);
    ASSERT_TRUE(device.board().printed("Firmware updated, restarting"));
    device.answer(What::check, fault);
    device.run_checks(1);
    (void)device.take_gaps_s();
    device.run_checks(8);
    EXPECT_THAT(device.take_gaps_s(), Each(Le(30 + kContactS))) << fault.number;
    EXPECT_EQ(device.board().board().boots(), 2U) << "still on trial";
  }
}

}  // namespace
}  // namespace fuota::test
