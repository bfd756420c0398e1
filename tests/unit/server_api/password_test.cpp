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
  ASSERT_EQ(run_awaitable(verifier.verify(kNetwork, some_hash(), "correct horse")),
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
  ASSERT_EQ(run_awaitable(verifier.verify(kNetwork, some_hash(), "wrong horse")),
            PasswordVerdict::wrong);
  EXPECT_FALSE(verifier.remembers(kNetwork, some_hash(), "wrong horse", steady_clock::now()));
}

TEST(PasswordVerifier, MakesHashesToo) {
  PasswordVerifier verifier;
  const std::string hash = run_awaitable(verifier.hash("correct horse"));
  EXPECT_EQ(verify_password(hash, "correct horse"), PasswordVerdict::right);
}

boost::asio::awaitable<void> count_verdict(PasswordVerifier* verifier, std::vector<int>* counts) {
  const PasswordVerdict verdict = co_await verifier->verify(kNetwork, some_hash(), "wrong horse");
  ++(*counts)[static_cast<std::size_t>(verdict)];
}

TEST(PasswordVerifier, SendsAwayThoseForWhomThereIsNoPlaceToWait) {
  PasswordVerifier verifier;
  boost::asio::io_context context(1);
  std::vector<int> counts(4);
  const int most = static_cast<int>(PasswordVerifier::kWaitingMax);
  // All of them have asked before the first answer can come back to this thread.
  for (int i = 0; i < most + 5; ++i) {
    boost::asio::co_spawn(context, count_verdict(&verifier, &counts), boost::asio::detached);
  }
  context.run();
  EXPECT_EQ(counts[static_cast<std::size_t>(PasswordVerdict::wrong)], most);
  EXPECT_EQ(counts[static_cast<std::size_t>(PasswordVerdict::busy)], 5);
}

}  // namespace
}  // namespace fuota::server::api
