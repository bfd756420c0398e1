#include "fuota_protocol/root_trust.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/fuota_protocol/release_fixture.hpp"
#include "tests/unit/fuota_protocol/signer_fixture.hpp"

namespace fuota::protocol {
namespace {

/// A root document of version `version` with a key per letter.
std::string root_json(std::uint32_t version, std::string_view keys, std::size_t threshold) {
  RootDocument root;
  root.version = version;
  root.threshold = threshold;
  for (const char name : keys) root.keys[root.key_count++] = named_key(name).key;
  EXPECT_TRUE(root.created.assign("2026-11-23T05:34:24Z"));
  std::string text(kFormattedRootBytesMax, '?');
  text.resize(format_root(root, text.data()));
  return text;
}

RootDecision judge(const std::string& payload, std::string_view signatures,
                   std::string_view current, std::size_t threshold, std::uint32_t current_version,
                   FakeVerifier& verifier) {
  std::vector<NamedKey> keys;
  for (const char name : current) keys.push_back(named_key(name));
  const std::string text = signed_by(signatures, payload);
  const auto parse = parse_jws(text, kRootSignaturesMax);
  EXPECT_EQ(parse.problem.error, DocumentError::none);
  return verify_root(parse.jws, {keys.data(), keys.size(), threshold}, current_version, verifier,
                     openssl_sha256);
}

struct RootCase {
  const char* name;
  std::string_view current;
  std::size_t current_threshold;
  std::string_view keys;
  std::size_t threshold;
  std::string_view signatures;
  RootOutcome outcome;
  std::size_t current_signers;
  std::size_t new_signers;
};

class RootTrust : public testing::TestWithParam<RootCase> {};

TEST_P(RootTrust, CountsTheKeysBeforeAndItsOwn) {
  const RootCase& row = GetParam();
  FakeVerifier verifier;
  const RootDecision decision = judge(root_json(1, row.keys, row.threshold), row.signatures,
                                      row.current, row.current_threshold, 0, verifier);
  EXPECT_EQ(decision.outcome, row.outcome) << describe(decision.outcome);
  EXPECT_EQ(decision.current_signers, row.current_signers);
  EXPECT_EQ(decision.new_signers, row.new_signers);
}

using R = RootOutcome;
INSTANTIATE_TEST_SUITE_P(
    Rows, RootTrust,
    testing::Values(
        RootCase{"OneKeyByAnother", "a", 1, "b", 1, "aabb", R::trusted, 1, 1},
        RootCase{"SameKeys", "a", 1, "a", 1, "aa", R::trusted, 1, 1},
        RootCase{"OneOfThreeReplaced", "abc", 2, "abd", 2, "aabb", R::trusted, 2, 2},
        RootCase{"AllReplaced", "abcd", 4, "efgh", 4, "aabbccddeeffgghh", R::trusted, 4, 4},
        RootCase{"HigherThreshold", "ab", 1, "abc", 3, "aabbcc", R::trusted, 1, 3},
        RootCase{"LowerThreshold", "ab", 2, "ab", 1, "aabb", R::trusted, 2, 1},
        RootCase{"OnlyByTheNew", "a", 1, "b", 1, "bb", R::too_few_of_current, 0, 0},
        RootCase{"OnlyByTheOld", "a", 1, "b", 1, "aa", R::too_few_of_new, 1, 0},
        RootCase{"OneOfTwoOld", "ab", 2, "c", 1, "aacc", R::too_few_of_current, 1, 0},
        RootCase{"OneOldTwice", "ab", 2, "c", 1, "aaaacc", R::too_few_of_current, 1, 0},
        RootCase{"OneOfTwoNew", "a", 1, "bc", 2, "aabb", R::too_few_of_new, 1, 1},
        RootCase{"OneNewTwice", "a", 1, "bc", 2, "aabbbb", R::too_few_of_new, 1, 1},
        RootCase{"NewByAnotherThanNamed", "a", 1, "b", 1, "aaba", R::too_few_of_new, 1, 0},
        RootCase{"OldByAnotherThanNamed", "a", 1, "b", 1, "abbb", R::too_few_of_current, 0, 0},
        RootCase{"UnknownKeysBesides", "a", 1, "b", 1, "xxaayybb", R::trusted, 1, 1},
        RootCase{"NoCurrentKeys", "", 1, "b", 1, "bb", R::no_such_threshold, 0, 0},
        RootCase{"NoCurrentThreshold", "a", 0, "b", 1, "aabb", R::no_such_threshold, 0, 0},
        RootCase{"CurrentThresholdTooHigh", "a", 2, "b", 1, "aabb", R::no_such_threshold, 0, 0}),
    [](const auto& row) { return row.param.name; });

struct VersionCase {
  std::uint32_t current;
  std::uint32_t next;
  RootOutcome outcome;
};

class RootVersion : public testing::TestWithParam<VersionCase> {};

TEST_P(RootVersion, IsTheOneBehindTheCurrent) {
  FakeVerifier verifier;
  const RootDecision decision =
      judge(root_json(GetParam().next, "b", 1), "aabb", "a", 1, GetParam().current, verifier);
  EXPECT_EQ(decision.outcome, GetParam().outcome);
  EXPECT_EQ(decision.root.version, GetParam().next);
  EXPECT_EQ(verifier.calls > 0, decision.outcome == R::trusted);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RootVersion,
    testing::Values(VersionCase{0, 1, R::trusted}, VersionCase{7, 8, R::trusted},
                    VersionCase{UINT32_MAX - 1, UINT32_MAX, R::trusted},
                    VersionCase{0, 2, R::not_next_version}, VersionCase{7, 7, R::not_next_version},
                    VersionCase{7, 6, R::not_next_version}, VersionCase{7, 9, R::not_next_version},
                    VersionCase{UINT32_MAX, 1, R::not_next_version},
                    VersionCase{UINT32_MAX, UINT32_MAX, R::not_next_version}));

TEST(TrustedRoot, GivesItsKeysWithTheirNames) {
  FakeVerifier verifier;
  const RootDecision decision = judge(root_json(1, "bc", 1), "aabb", "a", 1, 0, verifier);
  ASSERT_EQ(decision.outcome, R::trusted);
  EXPECT_EQ(decision.root.key_count, 2U);
  EXPECT_EQ(decision.keys[1].key, named_key('c').key);
  EXPECT_EQ(decision.keys[1].id, named_key('c').id);
}

TEST(RootThatIsNone, IsToldWithTheReasonAndNotVerified) {
  FakeVerifier verifier;
  const RootDecision decision = judge("{}", "aa", "a", 1, 0, verifier);
  EXPECT_EQ(decision.outcome, R::malformed);
  EXPECT_EQ(decision.problem.error, DocumentError::missing);
  EXPECT_EQ(verifier.calls, 0);
}

TEST(RootFailure, OfTheVerifierIsNotAWrongSignature) {
  FakeVerifier verifier;
  verifier.fails = true;
  EXPECT_EQ(judge(root_json(1, "b", 1), "aabb", "a", 1, 0, verifier).outcome, R::failed);
}

TEST(RootFailure, OfTheHashIsNotAWrongSignature) {
  const std::string text = signed_by("aabb", root_json(1, "b", 1));
  const NamedKey current = named_key('a');
  FakeVerifier verifier;
  const auto no_hash = [](const void*, std::size_t, Sha256&) { return false; };
  EXPECT_EQ(verify_root(parse_jws(text).jws, {&current, 1, 1}, 0, verifier, no_hash).outcome,
            R::failed);
}

}  // namespace
}  // namespace fuota::protocol
