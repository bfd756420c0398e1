// Hashes of passwords, and who verifies them.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "server/api/password_hash.hpp"
#include "server/api/password_verifier.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::api {
namespace {

using std::chrono::steady_clock;
using test_support::run_awaitable;

constexpr std::uint64_t kNetwork = 11;

/// Made once: it takes its time.
const std::string& some_hash() {
  static const std::string hash = hash_password("correct horse");
  return hash;
}

TEST(PasswordHash, SaysItsCostsAndItsSalt) {
  EXPECT_TRUE(some_hash().starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << some_hash();
  EXPECT_NE(hash_password("correct horse"), some_hash());
}

TEST(PasswordHash, IsOfOnePassword) {
  EXPECT_EQ(verify_password(some_hash(), "correct horse"), PasswordVerdict::right);
  EXPECT_EQ(verify_password(some_hash(), "correct horsf"), PasswordVerdict::wrong);
  EXPECT_EQ(verify_password(some_hash(), ""), PasswordVerdict::wrong);
}

TEST(PasswordHash, OfNobodyIsOfNoPassword) {
  EXPECT_EQ(verify_password(std::string(nobodys_hash()), ""), PasswordVerdict::wrong);
  EXPECT_EQ(nobodys_hash().substr(0, 31), some_hash().substr(0, 31));
}

TEST(PasswordHash, ThatIsNoneIsOfNoPassword) {
  EXPECT_EQ(verify_password("", "correct horse"), PasswordVerdict::wrong);
  EXPECT_EQ(verify_password("$argon2id$", "correct horse"), PasswordVerdict::wrong);
  EXPECT_EQ(verify_password(std::string(1000, 'a'), "correct horse"), PasswordVerdict::wrong);
}

struct Row {
  const char* fact;
  std::string password;
  bool acceptable;
};

class NewPassword : public testing::TestWithParam<Row> {};

TEST_P(NewPassword, HasALengthAndNoControlCharacters) {
  EXPECT_EQ(is_acceptable_password(GetParam().password), GetParam().acceptable);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NewPassword,
    testing::Values(Row{"TheShortest", std::string(kPasswordBytesMin, 'a'), true},
                    Row{"TooShort", std::string(kPasswordBytesMin - 1, 'a'), false},
                    Row{"TheLongest", std::string(kPasswordBytesMax, 'a'), true},
                    Row{"TooLong", std::string(kPasswordBytesMax + 1, 'a'), false},
                    Row{"WithBlanksAndColons", "a b:c d e f", true},
                    Row{"BeyondAscii", "pässwörter", true},
                    Row{"WithALineEnd", "password with\n", false},
                    Row{"WithADelete", "password\x7fwith", false}),
    [](const auto& row) { return row.param.fact; });

TEST(PasswordVerifier, RemembersForAWhileWhatWasRight) {
  PasswordVerifier verifier;
  const auto now = steady_clock::now();
  EXPECT_FALSE(verifier.remembers(kNetwork, some_hash(), "correct horse", now));
  ASSERT_EQ(
      run_awaitable(verifier.verify(kNetwork, some_hash(), "correct horse", Waiter::familiar)),
      PasswordVerdict::right);
  EXPECT_TRUE(verifier.remembers(kNetwork, some_hash(), "correct horse", now));
  EXPECT_FALSE(verifier.remembers(kNetwork, some_hash(), "correct horsf", now));
  EXPECT_FALSE(verifier.remembers(kNetwork, nobodys_hash(), "correct horse", now));
  EXPECT_FALSE(verifier.remembers(kNetwork + 1, some_hash(), "correct horse", now));
  EXPECT_FALSE(verifier.remembers(kNetwork, some_hash(), "correct horse",
                                  steady_clock::now() + PasswordVerifier::kRemembered));
}

TEST(PasswordVerifier, RemembersNothingThatWasWrong) {
  PasswordVerifier verifier;
  ASSERT_EQ(run_awaitable(verifier.verify(kNetwork, some_hash(), "wrong horse", Waiter::familiar)),
            PasswordVerdict::wrong);
  EXPECT_FALSE(verifier.remembers(kNetwork, some_hash(), "wrong horse", steady_clock::now()));
}

TEST(PasswordVerifier, MakesHashesToo) {
  PasswordVerifier verifier;
  const std::string hash = run_awaitable(verifier.hash("correct horse"));
  EXPECT_EQ(verify_password(hash, "correct horse"), PasswordVerdict::right);
}

using Verdicts = std::vector<PasswordVerdict>;

boost::asio::awaitable<void> keep_verdict(PasswordVerifier* verifier, Waiter who,
                                          PasswordVerdict* verdict) {
  *verdict = co_await verifier->verify(kNetwork, some_hash(), "wrong horse", who);
}

/// What becomes of those who all have asked before the first answer can come back to this thread.
Verdicts ask_at_once(const std::vector<Waiter>& waiters) {
  PasswordVerifier verifier;
  boost::asio::io_context context(1);
  Verdicts verdicts(waiters.size(), PasswordVerdict::failed);
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    boost::asio::co_spawn(context, keep_verdict(&verifier, waiters[i], &verdicts[i]),
                          boost::asio::detached);
  }
  context.run();
  return verdicts;
}

Verdicts expected(std::size_t wrong, std::size_t busy) {
  Verdicts verdicts(wrong, PasswordVerdict::wrong);
  verdicts.insert(verdicts.end(), busy, PasswordVerdict::busy);
  return verdicts;
}

TEST(PasswordVerifier, SendsAwayThoseForWhomThereIsNoPlaceToWait) {
  constexpr std::size_t kMost = PasswordVerifier::kWaitingMax;
  EXPECT_EQ(ask_at_once(std::vector<Waiter>(kMost + 5, Waiter::familiar)), expected(kMost, 5));
}

TEST(PasswordVerifier, SendsStrangersAwayEarlier) {
  constexpr std::size_t kMost = PasswordVerifier::kStrangersWaitUpTo;
  EXPECT_EQ(ask_at_once(std::vector<Waiter>(kMost + 5, Waiter::stranger)), expected(kMost, 5));
}

}  // namespace
}  // namespace fuota::server::api
