#include "fuota_protocol/root_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/fuota_protocol/release_fixture.hpp"

namespace fuota::protocol {
namespace {

PublicKey key(char name) {
  PublicKey key;
  key.point.fill(static_cast<std::uint8_t>(name));
  return key;
}

std::string line(char name) {
  std::string text(kPublicKeyTextBytes, '?');
  format_public_key(key(name), text.data());
  return text;
}

/// The list of keys, one per letter.
std::string keys(std::string_view names) {
  std::string list;
  for (const char name : names) list += (list.empty() ? "\"" : ",\"") + line(name) + "\"";
  return "[" + list + "]";
}

struct Member {
  std::string name;
  std::string written;
};

std::vector<Member> good_members() {
  return {{"type", "\"root\""},
          {"version", "7"},
          {"threshold", "2"},
          {"keys", keys("abc")},
          {"created", "\"2026-11-23T05:34:24Z\""}};
}

std::string json(const std::vector<Member>& members) {
  std::string text = "{";
  for (const Member& member : members) {
    if (text.size() > 1) text += ",";
    text.append("\"").append(member.name).append("\":").append(member.written);
  }
  return text + "}";
}

/// A good document with one member written in another way; without it when that is empty.
std::string root_with(std::string_view name, std::string_view written) {
  std::vector<Member> members;
  for (const Member& member : good_members()) {
    if (member.name != name) members.push_back(member);
  }
  if (!written.empty()) members.push_back({std::string(name), std::string(written)});
  return json(members);
}

RootDocument good_root() {
  RootDocument root;
  root.version = 7;
  root.threshold = 2;
  root.keys = {key('a'), key('b'), key('c')};
  root.key_count = 3;
  EXPECT_TRUE(root.created.assign("2026-11-23T05:34:24Z"));
  return root;
}

std::string formatted(const RootDocument& root) {
  std::string text(kFormattedRootBytesMax, '?');
  text.resize(format_root(root, text.data()));
  return text;
}

TEST(RootDocument, HasWhatItsMembersSay) {
  const auto parse = parse_root(json(good_members()));
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_EQ(parse.root, good_root());
}

TEST(RootDocument, MayHaveItsMembersInAnyOrderAndMore) {
  auto members = good_members();
  members.insert(members.begin(), {"later", R"({"keys":[1]})"});
  std::swap(members[1], members[4]);
  EXPECT_EQ(parse_root(json(members)).problem.error, DocumentError::none);
}

TEST(RootDocument, IsWrittenAsCanonicalJson) {
  EXPECT_EQ(formatted(good_root()), R"({"created":"2026-11-23T05:34:24Z","keys":)" + keys("abc") +
                                        R"(,"threshold":2,"type":"root","version":7})");
}

TEST(RootDocument, ReadsWhatItWrites) {
  EXPECT_EQ(parse_root(formatted(good_root())).root, good_root());
}

TEST(RootDocument, OfTheMostKeysAndDigitsIsAsLongAsItSays) {
  RootDocument root = good_root();
  root.keys[3] = key('d');
  root.key_count = root.threshold = kRootKeysMax;
  root.version = UINT32_MAX;
  // One comma fewer than there are keys.
  EXPECT_EQ(formatted(root).size(), kFormattedRootBytesMax - 1);
  EXPECT_EQ(parse_root(formatted(root)).root, root);
}

TEST(RootDocument, OfTheMostKeysAndSignaturesIsShortEnough) {
  RootDocument root = good_root();
  root.keys[3] = key('d');
  root.key_count = kRootKeysMax;
  std::string signatures;
  for (std::size_t i = 0; i < kRootSignaturesMax; ++i) {
    signatures += (i > 0 ? "," : "") + signature_json(R"({"alg":"ES256","kid":")" +
                                                          std::string(kKeyIdBytes, 'k') + "\"}",
                                                      std::string(kSignatureBytes, 's'));
  }
  const std::string text = jws_json(formatted(root), signatures);
  EXPECT_LE(text.size(), kSignedRootBytesMax);
  const auto parse = parse_jws(text, kRootSignaturesMax);
  ASSERT_EQ(parse.problem.error, DocumentError::none);
  EXPECT_EQ(root_of(parse.jws).root, root);
}

TEST(RootDocument, IsNoManifestAndAManifestIsNone) {
  const std::string manifest =
      R"({"product":"p","version":"1","chip":"esp32","size":1,"sha256":")" + std::string(64, '0') +
      R"(","counter":3,"created":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(parse_root(manifest).problem.error, DocumentError::wrong_type);
  EXPECT_NE(parse_manifest(formatted(good_root())).problem.error, DocumentError::none);
}

struct BadMember {
  const char* name;
  std::string written;
  DocumentError error;
};

class BadRoot : public testing::TestWithParam<BadMember> {};

TEST_P(BadRoot, IsRefusedForItsReason) {
  const auto parse = parse_root(root_with(GetParam().name, GetParam().written));
  EXPECT_EQ(parse.problem.error, GetParam().error) << GetParam().written;
  EXPECT_EQ(parse.problem.member, GetParam().name) << GetParam().written;
}

using E = DocumentError;
INSTANTIATE_TEST_SUITE_P(
    Rows, BadRoot,
    testing::Values(
        BadMember{"type", "", E::missing}, BadMember{"type", "\"Root\"", E::malformed},
        BadMember{"type", "1", E::wrong_type}, BadMember{"type", R"("roo\u0074")", E::malformed},
        BadMember{"version", "", E::missing}, BadMember{"version", "0", E::malformed},
        BadMember{"version", "4294967296", E::malformed}, BadMember{"version", "1.0", E::malformed},
        BadMember{"version", "-1", E::malformed}, BadMember{"version", "\"7\"", E::wrong_type},
        BadMember{"threshold", "", E::missing}, BadMember{"threshold", "0", E::malformed},
        BadMember{"threshold", "4", E::malformed}, BadMember{"threshold", "true", E::wrong_type},
        BadMember{"keys", "", E::missing}, BadMember{"keys", "[]", E::empty},
        BadMember{"keys", keys("abcde"), E::overlong}, BadMember{"keys", keys("aba"), E::repeated},
        BadMember{"keys", "[1,2]", E::wrong_type}, BadMember{"keys", "[\"\"]", E::empty},
        BadMember{"keys", "[[\"" + line('a') + "\"]]", E::wrong_type},
        BadMember{"keys", "\"" + line('a') + "\"", E::wrong_type},
        BadMember{"keys", "[\"" + line('a').substr(1) + "\"]", E::malformed},
        BadMember{"keys", "[\"" + line('a') + "A\"]", E::overlong},
        BadMember{"keys", "[\"" + line('a').substr(2) + "==\"]", E::malformed},
        BadMember{"created", "", E::missing},
        BadMember{"created", "\"2026-02-29T00:00:00Z\"", E::malformed},
        BadMember{"created", "\"2026-11-23T05:34:24+00:00\"", E::overlong}));

TEST(RootDocument, WithAMemberTwiceIsRefused) {
  for (const Member& member : good_members()) {
    auto members = good_members();
    members.push_back(member);
    const auto parse = parse_root(json(members));
    EXPECT_EQ(parse.problem.error, DocumentError::duplicate);
    EXPECT_EQ(parse.problem.member, member.name);
  }
}

TEST(RootDocument, CutShortAnywhereIsRefused) {
  const std::string good = formatted(good_root());
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_NE(parse_root(good.substr(0, bytes)).problem.error, DocumentError::none) << bytes;
  }
}

TEST(RootDocument, LongerThanItMayBeIsRefused) {
  const std::string text = json(good_members());
  const std::string padded = text + std::string(kRootBytesMax - text.size(), ' ');
  EXPECT_EQ(parse_root(padded).problem.error, DocumentError::none);
  EXPECT_EQ(parse_root(padded + " ").problem.error, DocumentError::too_long);
}

struct BadValue {
  const char* member;
  void (*spoil)(RootDocument& root);
  DocumentError error;
};

class CheckedRoot : public testing::TestWithParam<BadValue> {};

TEST_P(CheckedRoot, IsRefusedForItsReason) {
  RootDocument root = good_root();
  GetParam().spoil(root);
  EXPECT_EQ(check_root(root).error, GetParam().error);
  EXPECT_EQ(check_root(root).member, GetParam().member);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CheckedRoot,
    testing::Values(BadValue{"", [](RootDocument&) {}, E::none},
                    BadValue{"version", [](RootDocument& r) { r.version = 0; }, E::malformed},
                    BadValue{"threshold", [](RootDocument& r) { r.threshold = 0; }, E::malformed},
                    BadValue{"threshold", [](RootDocument& r) { r.threshold = 4; }, E::malformed},
                    BadValue{"keys", [](RootDocument& r) { r.key_count = 0; }, E::empty},
                    BadValue{"keys", [](RootDocument& r) { r.key_count = 5; }, E::overlong},
                    BadValue{"keys", [](RootDocument& r) { r.keys[2] = r.keys[0]; }, E::repeated},
                    BadValue{"created", [](RootDocument& r) { r.created = {}; }, E::malformed}));

}  // namespace
}  // namespace fuota::protocol
