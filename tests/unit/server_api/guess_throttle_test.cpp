#include "server/api/guess_throttle.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fuota::server::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Guesser kGuesser{11, 22};
const GuessThrottle::TimePoint kStart = GuessThrottle::TimePoint() + std::chrono::hours(1000);

ThrottleSettings settings() {
  ThrottleSettings settings;
  settings.failures_free = 2;
  settings.delay_first = milliseconds(100);
  settings.delay_max = milliseconds(350);
  settings.forgiveness = milliseconds(10'000);
  settings.verifications_per_address = 3;
  settings.verifications_per_account = 6;
  settings.delayed_max = 5;
  settings.delayed_per_address_max = 2;
  settings.remembered_max = 3;
  return settings;
}

class Throttle : public testing::Test {
 protected:
  Slowdown fail(const Guesser& who, seconds after = seconds(0)) {
    const Slowdown slowdown = throttle_.failed(who, kStart + after);
    if (slowdown.delay > milliseconds(0)) throttle_.end_delay(who);
    return slowdown;
  }
  std::vector<int> delays_ms(const Guesser& who, int failures) {
    std::vector<int> delays;
    for (int i = 0; i < failures; ++i) delays.push_back(static_cast<int>(fail(who).delay.count()));
    return delays;
  }
  /// How many of `count` passwords may be verified at once.
  int admitted(const Guesser& who, int count, seconds after = seconds(0)) {
    int admitted = 0;
    for (int i = 0; i < count; ++i) {
      if (!throttle_.admit_verification(who, kStart + after).retry_after) ++admitted;
    }
    return admitted;
  }

  GuessThrottle throttle_{settings()};
};

TEST_F(Throttle, DelaysFailuresTheMoreOfThemThereAre) {
  EXPECT_EQ(delays_ms(kGuesser, 6), (std::vector<int>{0, 0, 100, 200, 350, 350}));
}

TEST_F(Throttle, ForgetsAFailureAfterAWhile) {
  delays_ms(kGuesser, 4);
  EXPECT_EQ(fail(kGuesser, seconds(10)).delay, milliseconds(200));
  EXPECT_EQ(fail(kGuesser, seconds(1000)).delay, milliseconds(0));
}

TEST_F(Throttle, NeverRemembersMoreFailuresThanTheLongestDelayTakes) {
  delays_ms(kGuesser, 1000);
  EXPECT_EQ(fail(kGuesser, seconds(60)).delay, milliseconds(0));
}

TEST_F(Throttle, CountsTheFailuresAboutAnAccountFromAnywhere) {
  fail({1, 22});
  fail({2, 22});
  EXPECT_EQ(fail({3, 22}).delay, milliseconds(100));
  EXPECT_EQ(fail({3, 23}).delay, milliseconds(0));
}

TEST_F(Throttle, CountsTheFailuresOfAnAddressAboutWhatever) {
  fail({11, 1});
  fail({11, 2});
  EXPECT_EQ(fail({11, 0}).delay, milliseconds(100));
  EXPECT_EQ(fail({12, 0}).delay, milliseconds(0));
}

TEST_F(Throttle, SendsAwayThoseOfAnAddressForWhomThereIsNoPlaceToWait) {
  for (int i = 0; i < 2; ++i) ASSERT_FALSE(throttle_.failed(kGuesser, kStart).retry_after);
  for (int i = 0; i < 2; ++i) ASSERT_FALSE(throttle_.failed(kGuesser, kStart).retry_after);
  const Slowdown sent_away = throttle_.failed(kGuesser, kStart);
  EXPECT_EQ(sent_away.delay, milliseconds(0));
  EXPECT_EQ(sent_away.retry_after, seconds(1));
  throttle_.end_delay(kGuesser);
  EXPECT_FALSE(throttle_.failed(kGuesser, kStart).retry_after);
}

TEST_F(Throttle, SendsAwayAnybodyWhenTooManyWait) {
  std::size_t waiting = 0;
  std::size_t sent_away = 0;
  for (std::uint64_t address = 1; address <= 10; ++address) {
    const Slowdown slowdown = throttle_.failed({address, 22}, kStart);
    if (slowdown.delay > milliseconds(0)) ++waiting;
    if (slowdown.retry_after) ++sent_away;
  }
  EXPECT_EQ(waiting, 5U);
  EXPECT_EQ(sent_away, 3U);  // The first two failures are free.
  EXPECT_EQ(throttle_.delayed(), 5U);
}

TEST_F(Throttle, EndsADelayOfAnAddressThatWasForgotten) {
  for (int i = 0; i < 3; ++i) static_cast<void>(throttle_.failed(kGuesser, kStart));
  for (std::uint64_t address = 100; address < 110; ++address) {
    static_cast<void>(throttle_.failed({address, 0}, kStart));
  }
  throttle_.end_delay(kGuesser);
  EXPECT_EQ(throttle_.delayed(), 0U);
}

TEST_F(Throttle, VerifiesSoManyPasswordsOfAnAddressAMinute) {
  EXPECT_EQ(admitted({11, 1}, 10), 3);
  EXPECT_EQ(throttle_.admit_verification({11, 2}, kStart).retry_after, seconds(20));
  EXPECT_EQ(admitted({11, 2}, 10, seconds(20)), 1);
  EXPECT_EQ(admitted({12, 1}, 10, seconds(20)), 3);
}

TEST_F(Throttle, VerifiesSoManyPasswordsOfAnAccountAMinute) {
  EXPECT_EQ(admitted({1, 22}, 3), 3);
  EXPECT_EQ(admitted({2, 22}, 3), 3);
  EXPECT_EQ(admitted({3, 22}, 3), 0);
  EXPECT_EQ(admitted({3, 23}, 3), 3);
}

TEST_F(Throttle, LetsNoStrangerKeepAPersonOut) {
  ASSERT_EQ(admitted(kGuesser, 1), 1);
  throttle_.succeeded(kGuesser, kStart);
  admitted({1, kGuesser.account}, 10);
  admitted({2, kGuesser.account}, 10);
  admitted({kGuesser.address, 33}, 10);
  EXPECT_EQ(admitted(kGuesser, 10), 3);
}

TEST_F(Throttle, ForgetsNoAccountForThoseWhoAreSentAway) {
  EXPECT_EQ(admitted({1, 22}, 3), 3);
  EXPECT_EQ(admitted({2, 22}, 3), 3);
  // More names than are remembered, from an address that has no tries left.
  for (std::uint64_t account = 100; account < 110; ++account)
    EXPECT_EQ(admitted({1, account}, 1), 0);
  EXPECT_EQ(admitted({3, 22}, 1), 0);
}

TEST_F(Throttle, TellsThoseWhoHaveLoggedInBeforeFromStrangers) {
  EXPECT_FALSE(throttle_.admit_verification(kGuesser, kStart).familiar);
  throttle_.succeeded(kGuesser, kStart);
  EXPECT_TRUE(throttle_.admit_verification(kGuesser, kStart).familiar);
  EXPECT_FALSE(throttle_.admit_verification({11, 23}, kStart).familiar);
  EXPECT_FALSE(throttle_.admit_verification({12, 22}, kStart).familiar);
}

TEST_F(Throttle, CountsNoPasswordThatWasRight) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(admitted(kGuesser, 1), 1);
    throttle_.succeeded(kGuesser, kStart);
  }
}

TEST_F(Throttle, ReportsTheFailuresOfAnAddressOnceInAPeriod) {
  EXPECT_EQ(fail(kGuesser).to_report, 1U);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(fail(kGuesser).to_report, 0U);
  EXPECT_EQ(fail(kGuesser, seconds(60)).to_report, 8U);
}

TEST_F(Throttle, ReportsWhatWasNoGuessWithoutSlowingIt) {
  EXPECT_EQ(throttle_.noted(kGuesser, kStart), 1U);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(throttle_.noted(kGuesser, kStart), 0U);
  EXPECT_EQ(fail(kGuesser).delay, milliseconds(0));
  EXPECT_EQ(throttle_.noted(kGuesser, kStart + seconds(60)), 9U);
}

TEST_F(Throttle, TakesAClockThatStandsStill) {
  admitted(kGuesser, 1, seconds(10));
  EXPECT_EQ(admitted(kGuesser, 10, seconds(0)), 2);
}

struct NetworkRow {
  const char* fact;
  const char* address;
  std::uint64_t network;
};

class Network : public testing::TestWithParam<NetworkRow> {};

TEST_P(Network, IsWhatOnePartyHas) {
  EXPECT_EQ(network_of(GetParam().address), GetParam().network);
}

INSTANTIATE_TEST_SUITE_P(Rows, Network,
                         testing::Values(NetworkRow{"AnIpv4Address", "192.0.2.1", 0xc0000201},
                                         NetworkRow{"TheSlash64OfAnIpv6Address",
                                                    "2001:db8:1:2:3:4:5:6", 0x20010db800010002},
                                         NetworkRow{"ThatOfItsNeighbour",
                                                    "2001:db8:1:2::", 0x20010db800010002},
                                         NetworkRow{"NothingForNoAddress", "somewhere", 0}),
                         [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::api
