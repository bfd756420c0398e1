#include "fuota_protocol/release_trust.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/fuota_protocol/release_fixture.hpp"
#include "tests/unit/fuota_protocol/signer_fixture.hpp"

namespace fuota::protocol {
namespace {

struct TrustCase {
  const char* name;
  std::string signatures;
  std::string trusted;
  std::size_t threshold;
  TrustOutcome outcome;
  std::size_t signers;
};

class ReleaseTrust : public testing::TestWithParam<TrustCase> {};

TEST_P(ReleaseTrust, CountsDifferentTrustedKeys) {
  std::vector<NamedKey> keys;
  for (const char name : GetParam().trusted) keys.push_back(named_key(name));
  const std::string text = signed_by(GetParam().signatures);
  const auto parse = parse_jws(text);
  ASSERT_EQ(parse.problem.error, DocumentError::none);
  FakeVerifier verifier;
  const auto decision =
      verify_signatures(parse.jws, {keys.data(), keys.size(), GetParam().threshold}, verifier);
  EXPECT_EQ(decision.outcome, GetParam().outcome);
  EXPECT_EQ(decision.signers, GetParam().signers);
}

using T = TrustOutcome;
INSTANTIATE_TEST_SUITE_P(
    Rows, ReleaseTrust,
    testing::Values(TrustCase{"OneOfOne", "aa", "a", 1, T::trusted, 1},
                    TrustCase{"OneOfTwo", "bb", "ab", 1, T::trusted, 1},
                    TrustCase{"TwoOfTwo", "aabb", "ab", 2, T::trusted, 2},
                    TrustCase{"TwoOfThree", "ccaa", "abc", 2, T::trusted, 2},
                    TrustCase{"OnlyOneOfTwo", "aa", "ab", 2, T::too_few, 1},
                    TrustCase{"SameKeyTwice", "aaaa", "ab", 2, T::too_few, 1},
                    TrustCase{"UnknownKey", "xx", "a", 1, T::too_few, 0},
                    TrustCase{"UnknownKeyBesides", "xxaa", "a", 1, T::trusted, 1},
                    TrustCase{"ByAnotherThanNamed", "ab", "ab", 1, T::too_few, 0},
                    TrustCase{"WrongOneBeforeTheRightOne", "axaa", "a", 1, T::trusted, 1},
                    TrustCase{"NoKeys", "aa", "", 1, T::no_such_threshold, 0},
                    TrustCase{"NoThreshold", "aa", "a", 0, T::no_such_threshold, 0},
                    TrustCase{"MoreThanTheKeys", "aa", "a", 2, T::no_such_threshold, 0},
                    TrustCase{"KeyListedTwice", "aa", "aa", 2, T::no_such_threshold, 0},
                    TrustCase{"TooManyKeys", "aa", "abcdefghi", 1, T::no_such_threshold, 0}),
    [](const auto& row) { return row.param.name; });

TEST(ReleaseTrustCost, EndsWithTheSignatureThatIsEnough) {
  const std::vector<NamedKey> keys = {named_key('a'), named_key('b')};
  const std::string text = signed_by("aabb");
  FakeVerifier verifier;
  const auto decision = verify_signatures(parse_jws(text).jws, {keys.data(), 2, 1}, verifier);
  EXPECT_EQ(decision.outcome, TrustOutcome::trusted);
  EXPECT_EQ(verifier.calls, 1);
}

TEST(ReleaseTrustFailure, OfTheLibraryIsNotAWrongSignature) {
  const NamedKey key = named_key('a');
  const std::string text = signed_by("aa");
  FakeVerifier verifier;
  verifier.fails = true;
  EXPECT_EQ(verify_signatures(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::failed);
}

TEST(ReleaseTrustOtherForms, AreNotVerified) {
  const NamedKey key = named_key('a');
  const std::string header = R"({"alg":"ES512","kid":")" + std::string(key.id.view()) + "\"}";
  const std::string text = jws_json("p", signature_json(header, std::string(kSignatureBytes, 'a')));
  FakeVerifier verifier;
  EXPECT_EQ(verify_signatures(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::too_few);
  EXPECT_EQ(verifier.calls, 0);
}

TEST(ReleaseTrustKeys, WithoutANameTrustNothing) {
  const NamedKey key;
  const std::string text = signed_by("aa");
  FakeVerifier verifier;
  EXPECT_EQ(verify_signatures(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::no_such_threshold);
}

}  // namespace
}  // namespace fuota::protocol
