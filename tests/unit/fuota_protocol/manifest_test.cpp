#include "fuota_protocol/manifest.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

constexpr std::string_view kDigest =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A manifest with the member that `replaced` begins with put in place of its own, or left out.
std::string manifest_with(std::string_view name, std::string_view replacement) {
  const std::pair<std::string_view, std::string> members[] = {
      {"product", R"("product":"sensor")"},
      {"version", R"("version":"1.2.0")"},
      {"chip", R"("chip":"esp32c3")"},
      {"size", R"("size":816384)"},
      {"sha256", R"("sha256":")" + std::string(kDigest) + "\""},
      {"counter", R"("counter":7)"},
      {"created", R"("created":"2026-11-23T05:34:24Z")"}};
  std::string text = "{";
  for (const auto& [member, written] : members) {
    const std::string_view part = member == name ? replacement : std::string_view(written);
    if (part.empty()) continue;
    if (text.size() > 1) text += ",";
    text += part;
  }
  return text + "}";
}

std::string good_manifest() {
  return manifest_with("", "");
}

TEST(Manifest, HasWhatItsMembersSay) {
  const auto parse = parse_manifest(good_manifest());
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_EQ(parse.manifest.product.view(), "sensor");
  EXPECT_EQ(parse.manifest.version.view(), "1.2.0");
  EXPECT_EQ(parse.manifest.chip.view(), "esp32c3");
  EXPECT_EQ(parse.manifest.size_bytes, 816384U);
  EXPECT_EQ(parse.manifest.sha256[31], 0x1F);
  EXPECT_EQ(parse.manifest.counter, 7U);
  EXPECT_EQ(parse.manifest.created.view(), "2026-11-23T05:34:24Z");
}

TEST(Manifest, IsReadFromTheFormItIsWrittenIn) {
  const Manifest manifest = parse_manifest(good_manifest()).manifest;
  std::string text(kFormattedManifestBytesMax, '?');
  text.resize(format_manifest(manifest, text.data()));
  const auto parse = parse_manifest(text);
  EXPECT_EQ(parse.problem.error, DocumentError::none) << text;
  EXPECT_EQ(parse.manifest, manifest);
}

TEST(Manifest, IsWrittenInCanonicalForm) {
  const Manifest manifest = parse_manifest(good_manifest()).manifest;
  std::string text(kFormattedManifestBytesMax, '?');
  text.resize(format_manifest(manifest, text.data()));
  EXPECT_EQ(text, R"({"chip":"esp32c3","counter":7,"created":"2026-11-23T05:34:24Z",)"
                  R"("product":"sensor","sha256":")" +
                      std::string(kDigest) + R"(","size":816384,"version":"1.2.0"})");
}

TEST(Manifest, OfTheLongestMembersFitsItsBuffer) {
  Manifest manifest = parse_manifest(good_manifest()).manifest;
  ASSERT_TRUE(manifest.product.assign(std::string(kProductBytesMax, 'p')));
  ASSERT_TRUE(manifest.version.assign(std::string(kReleaseVersionBytesMax, 'v')));
  ASSERT_TRUE(manifest.chip.assign(std::string(kChipBytesMax, 'c')));
  manifest.size_bytes = UINT32_MAX;
  manifest.counter = UINT32_MAX;
  std::string text(kFormattedManifestBytesMax, '?');
  EXPECT_EQ(format_manifest(manifest, text.data()), kFormattedManifestBytesMax);
}

struct GoodMember {
  const char* name;
  std::string written;
};

class GoodManifest : public testing::TestWithParam<GoodMember> {};

TEST_P(GoodManifest, IsRead) {
  const auto parse = parse_manifest(manifest_with(GetParam().name, GetParam().written));
  EXPECT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, GoodManifest,
    testing::Values(
        GoodMember{"counter", R"("counter":0)"}, GoodMember{"counter", R"("counter":4294967295)"},
        GoodMember{"size", R"("size":16777216)"},
        GoodMember{"created", R"("created":"2024-02-29T23:59:59Z")"},
        GoodMember{"product", R"( "product" : "größe" )"},
        GoodMember{"product", R"("product":"12345678901234567890123456789012")"},
        GoodMember{"counter", R"("counter":1,"later":{"a":[1,-2.5e+3,null,{"product":"\u0041"}]})"},
        GoodMember{"counter", R"("counter":1,"later":[],"later":"unknown and twice")"}));

struct BadMember {
  const char* name;
  std::string written;
  DocumentError error;
  const char* member;
};

class BadManifest : public testing::TestWithParam<BadMember> {};

TEST_P(BadManifest, IsRefusedForItsReason) {
  const std::string text = manifest_with(GetParam().name, GetParam().written);
  const auto parse = parse_manifest(text);
  EXPECT_EQ(parse.problem.error, GetParam().error) << text;
  EXPECT_EQ(parse.problem.member, GetParam().member) << text;
}

using E = DocumentError;
INSTANTIATE_TEST_SUITE_P(
    Members, BadManifest,
    testing::Values(
        BadMember{"product", "", E::missing, "product"},
        BadMember{"created", "", E::missing, "created"},
        BadMember{"product", R"("product":"a","product":"a")", E::duplicate, "product"},
        BadMember{"product", R"("product":7)", E::wrong_type, "product"},
        BadMember{"product", R"("product":{"product":"a"})", E::wrong_type, "product"},
        BadMember{"product", R"("product":"")", E::empty, "product"},
        BadMember{"product", R"("product":"a\u0041")", E::escaped, "product"},
        BadMember{"product", R"("produc\u0074":"a")", E::escaped_name, ""},
        BadMember{"product", R"("product":"a/b")", E::malformed, "product"},
        BadMember{"product", "\"product\":\"a\x7F\"", E::malformed, "product"},
        BadMember{"product", R"("product":"123456789012345678901234567890123")", E::overlong,
                  "product"},
        BadMember{"version", R"("version":"..")", E::malformed, "version"},
        BadMember{"chip", R"("chip":"ESP32")", E::malformed, "chip"},
        BadMember{"chip", R"("chip":"esp32c34567890123")", E::overlong, "chip"},
        BadMember{"size", R"("size":"1")", E::wrong_type, "size"},
        BadMember{"size", R"("size":true)", E::wrong_type, "size"},
        BadMember{"size", R"("size":0)", E::malformed, "size"},
        BadMember{"size", R"("size":-1)", E::malformed, "size"},
        BadMember{"size", R"("size":1.0)", E::malformed, "size"},
        BadMember{"size", R"("size":1e3)", E::malformed, "size"},
        BadMember{"size", R"("size":16777217)", E::malformed, "size"},
        BadMember{"counter", R"("counter":4294967296)", E::malformed, "counter"},
        BadMember{"counter", R"("counter":18446744073709551617)", E::malformed, "counter"},
        BadMember{"counter", R"("counter":null)", E::wrong_type, "counter"},
        BadMember{"sha256", R"("sha256":"00")", E::malformed, "sha256"},
        BadMember{"sha256", R"("sha256":")" + std::string(64, 'A') + "\"", E::malformed, "sha256"},
        BadMember{"sha256", R"("sha256":")" + std::string(65, '0') + "\"", E::overlong, "sha256"},
        BadMember{"created", R"("created":"2026-02-29T00:00:00Z")", E::malformed, "created"},
        BadMember{"created", R"("created":"2026-13-01T00:00:00Z")", E::malformed, "created"},
        BadMember{"created", R"("created":"2026-00-01T00:00:00Z")", E::malformed, "created"},
        BadMember{"created", R"("created":"2026-01-01T24:00:00Z")", E::malformed, "created"},
        BadMember{"created", R"("created":"2026-01-01T00:00:00")", E::malformed, "created"},
        BadMember{"created", R"("created":"2026-01-01T00:00:00.0Z")", E::overlong, "created"}));

struct BadText {
  std::string text;
  DocumentError error;
};

class NotAManifest : public testing::TestWithParam<BadText> {};

TEST_P(NotAManifest, IsRefusedForItsReason) {
  EXPECT_EQ(parse_manifest(GetParam().text).problem.error, GetParam().error) << GetParam().text;
}

std::string nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

std::string with_tail(std::string_view tail) {
  return good_manifest() + std::string(tail);
}

std::string with_member(std::string_view member) {
  return manifest_with("counter", "\"counter\":1," + std::string(member));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, NotAManifest,
    testing::Values(
        BadText{"", E::not_json}, BadText{" ", E::not_json}, BadText{"[]", E::not_an_object},
        BadText{"7", E::not_an_object}, BadText{"{}", E::missing}, BadText{"{", E::not_json},
        BadText{"}", E::not_json}, BadText{"{]", E::not_json}, BadText{"{} {}", E::not_json},
        BadText{"{},", E::not_json}, BadText{",{}", E::not_json}, BadText{"nul", E::not_json},
        BadText{with_tail("x"), E::not_json}, BadText{with_tail("}"), E::not_json},
        BadText{with_tail(std::string_view("\0", 1)), E::not_json},
        BadText{with_tail(std::string_view("\0{}", 3)), E::not_json},
        BadText{with_member(""), E::not_json}, BadText{with_member(","), E::not_json},
        BadText{with_member("\"a\""), E::not_json}, BadText{with_member("\"a\":"), E::not_json},
        BadText{with_member("\"a\":1 \"b\":2"), E::not_json},
        BadText{with_member("\"a\",:1"), E::not_json},
        BadText{with_member("\"a\"::1"), E::not_json},
        BadText{with_member("\"a\" \"b\":1"), E::not_json},
        BadText{with_member("\"a\":1 2"), E::not_json}, BadText{with_member("a:1"), E::not_json},
        BadText{with_member("1:1"), E::not_json}, BadText{with_member("\"a\":01"), E::not_json},
        BadText{with_member("\"a\":1."), E::not_json}, BadText{with_member("\"a\":-"), E::not_json},
        BadText{with_member("\"a\":+1"), E::not_json},
        BadText{with_member("\"a\":True"), E::not_json},
        BadText{with_member("\"a\":[1,]"), E::not_json},
        BadText{with_member("\"a\":[,1]"), E::not_json},
        BadText{with_member("\"a\":[1 2]"), E::not_json},
        BadText{with_member("\"a\":[1:2]"), E::not_json},
        BadText{with_member("\"a\":[\"b\":2]"), E::not_json},
        BadText{with_member("\"a\":{1}"), E::not_json},
        BadText{with_member("\"a\":\"\\x\""), E::not_json},
        BadText{with_member("\"a\":\"\\u12g4\""), E::not_json},
        BadText{with_member("\"a\":\"tab\t\""), E::not_json},
        BadText{with_member("{}:1"), E::not_json}, BadText{with_member("[]"), E::not_json},
        BadText{with_member("\"a\":\"\xFF\""), E::not_utf8}, BadText{"\xEF\xBB\xBF{}", E::not_json},
        BadText{nested(kJsonDepthMax - 1), E::missing},
        BadText{nested(kJsonDepthMax), E::too_many_parts}, BadText{nested(500), E::too_many_parts},
        BadText{std::string(500, '['), E::too_many_parts},
        BadText{std::string(kManifestBytesMax, ' '), E::not_json},
        BadText{std::string(kManifestBytesMax + 1, ' '), E::too_long}));

TEST(NotAManifest, HasNoPrefixThatIsOne) {
  const std::string good = good_manifest();
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_NE(parse_manifest(good.substr(0, bytes)).problem.error, DocumentError::none) << bytes;
  }
}

TEST(DocumentErrors, AreDescribedEachInItsOwnWords) {
  EXPECT_EQ(describe(DocumentError::none), "");
  EXPECT_EQ(describe(DocumentError::missing), "is missing");
  EXPECT_EQ(describe(DocumentError::not_base64), "is not base64url without padding");
}

}  // namespace
}  // namespace fuota::protocol
