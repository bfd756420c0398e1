#include "policy_text.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fuota::update {
namespace {

constexpr std::uint8_t kNoPoint = 0xEE;
constexpr std::uint8_t kNoMemory = 0xDD;

protocol::PublicKey key(std::uint8_t fill) {
  protocol::PublicKey key;
  key.point.fill(fill);
  return key;
}

std::string line(std::uint8_t fill) {
  std::string text(protocol::kPublicKeyTextBytes, '?');
  protocol::format_public_key(key(fill), text.data());
  return text;
}

/// A library for which keys of two fills are special, and which hashes everything to one value.
constexpr KeyLibrary kLibrary = {
    [](const void*, std::size_t, protocol::Sha256& out) {
      out.fill(1);
      return true;
    },
    [](const protocol::PublicKey& key) {
      if (key.point[0] == kNoPoint) return KeyLibrary::Outcome::unusable;
      if (key.point[0] == kNoMemory) return KeyLibrary::Outcome::failed;
      return KeyLibrary::Outcome::usable;
    },
};

TEST(PolicyText, OfOneKeyIsAPolicyOfOneSignature) {
  ReleasePolicy policy;
  EXPECT_EQ(read_policy(line(1), 1, kLibrary, policy), PolicyProblem::none);
  EXPECT_EQ(policy.key_count, 1U);
  EXPECT_EQ(policy.threshold, 1U);
  EXPECT_EQ(policy.keys[0].key, key(1));
  EXPECT_FALSE(policy.keys[0].id.empty());
}

TEST(PolicyText, MayHaveSpacesAndLineEndsAroundItsKeys) {
  ReleasePolicy policy;
  EXPECT_EQ(read_policy("  " + line(1) + " \r\n\t" + line(2) + "\n", 2, kLibrary, policy),
            PolicyProblem::none);
  EXPECT_EQ(policy.key_count, 2U);
  EXPECT_EQ(policy.keys[1].key, key(2));
}

struct ProblemCase {
  const char* title;
  std::string text;
  unsigned threshold;
  PolicyProblem problem;
};

class PolicyTextProblem : public testing::TestWithParam<ProblemCase> {};

TEST_P(PolicyTextProblem, IsTold) {
  ReleasePolicy policy;
  EXPECT_EQ(read_policy(GetParam().text, GetParam().threshold, kLibrary, policy),
            GetParam().problem);
}

TEST_P(PolicyTextProblem, LeavesThePolicyAsItWas) {
  ReleasePolicy policy;
  ASSERT_EQ(read_policy(line(9), 1, kLibrary, policy), PolicyProblem::none);
  (void)read_policy(GetParam().text, GetParam().threshold, kLibrary, policy);
  EXPECT_EQ(policy.key_count, 1U);
  EXPECT_EQ(policy.keys[0].key, key(9));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PolicyTextProblem,
    testing::Values(
        ProblemCase{"Empty", "", 1, PolicyProblem::no_key},
        ProblemCase{"OnlySpaces", " \n ", 1, PolicyProblem::no_key},
        ProblemCase{"TooShort", line(1).substr(1), 1, PolicyProblem::bad_key},
        ProblemCase{"TooLong", line(1) + "A", 1, PolicyProblem::bad_key},
        ProblemCase{"AnotherWord", "none", 1, PolicyProblem::bad_key},
        ProblemCase{"OneGoodOneBad", line(1) + " x", 1, PolicyProblem::bad_key},
        ProblemCase{"Comma", line(1) + "," + line(2), 1, PolicyProblem::bad_key},
        ProblemCase{"NoPointOfTheCurve", line(kNoPoint), 1, PolicyProblem::bad_key},
        ProblemCase{"LibraryFailed", line(kNoMemory), 1, PolicyProblem::no_memory},
        ProblemCase{"SameKeyTwice", line(1) + " " + line(1), 2, PolicyProblem::repeated_key},
        ProblemCase{"FiveKeys",
                    line(1) + " " + line(2) + " " + line(3) + " " + line(4) + " " + line(5), 1,
                    PolicyProblem::too_many_keys},
        ProblemCase{"ThresholdZero", line(1), 0, PolicyProblem::bad_threshold},
        ProblemCase{"ThresholdAboveTheKeys", line(1) + " " + line(2), 3,
                    PolicyProblem::bad_threshold}),
    [](const auto& row) { return row.param.title; });

TEST(PolicyProblems, AreToldApartInTheLog) {
  std::set<std::string> descriptions;
  for (int problem = 0; problem <= static_cast<int>(PolicyProblem::no_memory); ++problem) {
    EXPECT_TRUE(descriptions.insert(describe(static_cast<PolicyProblem>(problem))).second)
        << problem;
  }
}

}  // namespace
}  // namespace fuota::update
