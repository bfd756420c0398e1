#include "fuota_protocol/release_trust.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/fuota_protocol/release_fixture.hpp"

namespace fuota::protocol {
namespace {

/// Stands for the library: a signature is valid when its bytes are all the first byte of the key.
class FakeVerifier final : public SignatureVerifier {
 public:
  Outcome verify(const PublicKey& key, const SigningInput&, const Signature& signature) override {
    ++calls;
    if (fails) return Outcome::failed;
    const bool valid = std::all_of(signature.begin(), signature.end(),
                                   [&](std::uint8_t byte) { return byte == key.point[0]; });
    return valid ? Outcome::valid : Outcome::invalid;
  }

  int calls = 0;
  bool fails = false;
};

NamedKey named_key(char name) {
  NamedKey key;
  key.key.point.fill(static_cast<std::uint8_t>(name));
  EXPECT_TRUE(key.id.assign(std::string(kKeyIdBytes, name)));
  return key;
}

/// Two letters per signature: the key that it names, and the one that has made it.
std::string document(std::string_view signatures) {
  std::string list;
  for (std::size_t i = 0; i < signatures.size(); i += 2) {
    if (i > 0) list += ",";
    list += signature_json(
        R"({"alg":"ES256","kid":")" + std::string(kKeyIdBytes, signatures[i]) + "\"}",
        std::string(kSignatureBytes, signatures[i + 1]));
  }
  return jws_json("payload", list);
}

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
  const std::string text = document(GetParam().signatures);
  const auto parse = parse_jws(text);
  ASSERT_EQ(parse.problem.error, DocumentError::none);
  FakeVerifier verifier;
  const auto decision =
      verify_release(parse.jws, {keys.data(), keys.size(), GetParam().threshold}, verifier);
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
  const std::string text = document("aabb");
  FakeVerifier verifier;
  const auto decision = verify_release(parse_jws(text).jws, {keys.data(), 2, 1}, verifier);
  EXPECT_EQ(decision.outcome, TrustOutcome::trusted);
  EXPECT_EQ(verifier.calls, 1);
}

TEST(ReleaseTrustFailure, OfTheLibraryIsNotAWrongSignature) {
  const NamedKey key = named_key('a');
  const std::string text = document("aa");
  FakeVerifier verifier;
  verifier.fails = true;
  EXPECT_EQ(verify_release(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::failed);
}

TEST(ReleaseTrustOtherForms, AreNotVerified) {
  const NamedKey key = named_key('a');
  const std::string header = R"({"alg":"ES512","kid":")" + std::string(kKeyIdBytes, 'a') + "\"}";
  const std::string text = jws_json("p", signature_json(header, std::string(kSignatureBytes, 'a')));
  FakeVerifier verifier;
  EXPECT_EQ(verify_release(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::too_few);
  EXPECT_EQ(verifier.calls, 0);
}

TEST(ReleaseTrustKeys, WithoutANameTrustNothing) {
  const NamedKey key;
  const std::string text = document("aa");
  FakeVerifier verifier;
  EXPECT_EQ(verify_release(parse_jws(text).jws, {&key, 1, 1}, verifier).outcome,
            TrustOutcome::no_such_threshold);
}

}  // namespace
}  // namespace fuota::protocol
