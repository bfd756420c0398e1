#include "cli/signed_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/openssl_verifier.hpp"
#include "cli/signed_document.hpp"
#include "fuota_protocol/root_trust.hpp"

namespace fuota::cli {
namespace {

using testing::HasSubstr;

/// 2026-11-23T05:34:24Z
constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'795'412'064)};

std::vector<ReleaseKey> some_keys(std::size_t count) {
  std::vector<ReleaseKey> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(std::move(*ReleaseKey::generate()));
  return keys;
}

std::vector<protocol::NamedKey> public_of(const std::vector<ReleaseKey>& keys) {
  std::vector<protocol::NamedKey> named;
  for (const ReleaseKey& key : keys) named.push_back(*with_name(key.public_key()));
  return named;
}

protocol::RootOutcome judge(const std::string& text, const std::vector<ReleaseKey>& current) {
  const std::vector<protocol::NamedKey> keys = public_of(current);
  const auto jws = read_signed(text, kRootKind);
  EXPECT_TRUE(jws) << text;
  OpensslVerifier verifier;
  return protocol::verify_root(*jws, {keys.data(), keys.size(), keys.size()}, 0, verifier, sha256)
      .outcome;
}

TEST(RootOfKeys, SaysWhatItWasGiven) {
  const auto keys = some_keys(3);
  const auto root = make_root(7, 2, public_of(keys), kNow);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->version, 7U);
  EXPECT_EQ(root->threshold, 2U);
  ASSERT_EQ(root->key_count, 3U);
  EXPECT_EQ(root->keys[2], keys[2].public_key());
  EXPECT_EQ(root->created.view(), "2026-11-23T05:34:24Z");
}

struct BadRoot {
  std::uint32_t version;
  std::size_t threshold;
  std::size_t key_count;
  const char* line;
};

class RootThatBreaksARule : public testing::TestWithParam<BadRoot> {};

TEST_P(RootThatBreaksARule, IsNotMadeAndTheRemedyIsTold) {
  const auto root = make_root(GetParam().version, GetParam().threshold,
                              public_of(some_keys(GetParam().key_count)), kNow);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().line, HasSubstr(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RootThatBreaksARule,
    testing::Values(BadRoot{1, 1, 5, "at most 4 keys: leave out one"},
                    BadRoot{1, 3, 2, "3 needs as many different keys: name each with --trust"},
                    BadRoot{1, 1, 0, "its \"keys\" is empty"},
                    BadRoot{0, 1, 1, "its \"version\" does not have the required form"}));

TEST(RootOfKeys, IsNotMadeOfOneKeyTwice) {
  auto keys = public_of(some_keys(1));
  keys.push_back(keys[0]);
  const auto root = make_root(1, 1, keys, kNow);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().line, HasSubstr("one key is named twice"));
}

TEST(SignedRoot, CarriesTheRootDocument) {
  const auto keys = some_keys(1);
  const auto root = make_root(1, 1, public_of(keys), kNow);
  EXPECT_EQ(*read_root(*sign_root(*root, keys[0])), *root);
}

TEST(SignedRoot, IsTrustedOnceTheOldAndTheNewKeysHaveSigned) {
  const auto before = some_keys(4);
  const auto after = some_keys(4);
  const auto root = make_root(1, 4, public_of(after), kNow);
  std::string text = *sign_root(*root, before[0]);
  for (std::size_t i = 1; i < 4; ++i) text = *add_signature(text, kRootKind, before[i]);
  EXPECT_EQ(judge(text, before), protocol::RootOutcome::too_few_of_new);
  for (const ReleaseKey& key : after) text = *add_signature(text, kRootKind, key);
  EXPECT_EQ(judge(text, before), protocol::RootOutcome::trusted);

  const auto ninth = add_signature(text, kRootKind, *ReleaseKey::generate());
  ASSERT_FALSE(ninth);
  EXPECT_THAT(ninth.error().line, HasSubstr("it has 8 signatures, and can't have more"));
}

TEST(SignedRoot, ThatIsNoneIsTold) {
  const auto root = read_root("{}");
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().line, HasSubstr("it is no signed root document: its \"payload\""));
}

TEST(SignedRoot, WhoseContentIsNoneIsTold) {
  const auto root = read_root(*sign_document("{}", kRootKind, *ReleaseKey::generate()));
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().line, HasSubstr("what it signs is no root document"));
}

TEST(DifferenceOfRoots, IsToldAndLeavesTheirTimesAside) {
  const auto keys = public_of(some_keys(2));
  const auto root = *make_root(2, 1, keys, kNow);
  EXPECT_EQ(difference(root, *make_root(2, 1, keys, kNow + std::chrono::hours(1))), "");
  EXPECT_EQ(difference(root, *make_root(3, 1, keys, kNow)), "version 2");
  EXPECT_EQ(difference(root, *make_root(2, 2, keys, kNow)), "a threshold of 1");
  EXPECT_THAT(difference(root, *make_root(2, 1, {keys[0]}, kNow)), HasSubstr("other keys"));
}

TEST(PublicKey, IsUsableWhenItIsAPointOfTheCurve) {
  protocol::PublicKey key = ReleaseKey::generate()->public_key();
  EXPECT_TRUE(is_usable(key));
  key.point[63] ^= 1;
  EXPECT_FALSE(is_usable(key));
}

}  // namespace
}  // namespace fuota::cli
