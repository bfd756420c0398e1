#include "fuota_protocol/offer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

const std::string kDigest(64, 'a');
const std::string kManifestText = R"({"payload":"cA","signatures":[{"x":[1]}]})";

std::string artifact(std::string_view format, std::string_view url) {
  return R"({"format":")" + std::string(format) + R"(","url":")" + std::string(url) +
         R"(","size":816384,"sha256":")" + kDigest + "\"}";
}

std::string offer_with(std::string_view deployment, std::string_view artifacts) {
  return R"({"deployment":)" + std::string(deployment) + R"(,"manifest":)" + kManifestText +
         R"(,"artifacts":)" + std::string(artifacts) + "}";
}

std::string list(const std::string& element, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + element;
  return text + "]";
}

std::string with_url(std::string_view url) {
  return offer_with("\"d\"", list(artifact("full", url), 1));
}

TEST(Offer, HasWhatItsMembersSay) {
  const std::string text = offer_with(
      "\"01J9\"", "[" + artifact("zlib", "/files/a.z") + "," + artifact("full", "/files/a") + "]");
  const auto parse = parse_offer(text);
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_EQ(parse.offer.deployment.view(), "01J9");
  EXPECT_EQ(parse.offer.manifest, kManifestText);
  ASSERT_EQ(parse.offer.artifact_count, 2U);
  EXPECT_EQ(parse.offer.artifacts[0].format, "zlib");
  EXPECT_EQ(parse.offer.artifacts[1].format, kFullFormat);
  EXPECT_EQ(parse.offer.artifacts[1].url, "/files/a");
  EXPECT_EQ(parse.offer.artifacts[1].size_bytes, 816384U);
  EXPECT_EQ(parse.offer.artifacts[1].sha256[0], 0xAA);
}

TEST(Offer, MayHaveTheMostArtifacts) {
  const std::string text = offer_with("\"d\"", list(artifact("full", "/f"), kArtifactsMax));
  EXPECT_EQ(parse_offer(text).offer.artifact_count, kArtifactsMax);
}

TEST(Offer, MayHaveAnEscapedUrlOfTheLongestName) {
  std::string url = "/files/";
  for (std::size_t i = 0; i < kFileNameBytesMax; ++i) url += "%20";
  EXPECT_EQ(parse_offer(with_url(url)).problem.error, DocumentError::none);
}

struct BadOfferCase {
  std::string text;
  DocumentError error;
  const char* member;
};

class BadOffer : public testing::TestWithParam<BadOfferCase> {};

TEST_P(BadOffer, IsRefusedForItsReason) {
  const auto parse = parse_offer(GetParam().text);
  EXPECT_EQ(parse.problem.error, GetParam().error) << GetParam().text;
  EXPECT_EQ(parse.problem.member, GetParam().member) << GetParam().text;
}

const std::string kOneArtifact = list(artifact("full", "/f"), 1);
using E = DocumentError;

INSTANTIATE_TEST_SUITE_P(
    Rows, BadOffer,
    testing::Values(
        BadOfferCase{"file.bin", E::not_json, ""}, BadOfferCase{"[]", E::not_an_object, ""},
        BadOfferCase{"{}", E::missing, "deployment"},
        BadOfferCase{offer_with("7", kOneArtifact), E::wrong_type, "deployment"},
        BadOfferCase{offer_with("\"\"", kOneArtifact), E::empty, "deployment"},
        BadOfferCase{offer_with("\"a b\"", kOneArtifact), E::malformed, "deployment"},
        BadOfferCase{
            offer_with("\"" + std::string(kDeploymentBytesMax + 1, 'd') + "\"", kOneArtifact),
            E::overlong, "deployment"},
        BadOfferCase{R"({"deployment":"d","manifest":"m","artifacts":[]})", E::wrong_type,
                     "manifest"},
        BadOfferCase{offer_with("\"d\"", "{}"), E::wrong_type, "artifacts"},
        BadOfferCase{offer_with("\"d\"", "[]"), E::empty, "artifacts"},
        BadOfferCase{offer_with("\"d\"", list(artifact("full", "/f"), kArtifactsMax + 1)),
                     E::overlong, "artifacts"},
        BadOfferCase{offer_with("\"d\"", "[7]"), E::not_an_object, ""},
        BadOfferCase{offer_with("\"d\"", "[{}]"), E::missing, "format"},
        BadOfferCase{offer_with("\"d\"", list(artifact("a b", "/f"), 1)), E::malformed, "format"},
        BadOfferCase{offer_with("\"d\"", list(artifact("12345678901234567", "/f"), 1)), E::overlong,
                     "format"},
        BadOfferCase{with_url(""), E::empty, "url"},
        BadOfferCase{with_url("f"), E::malformed, "url"},
        BadOfferCase{with_url("//evil.example/f"), E::malformed, "url"},
        BadOfferCase{with_url("https://evil.example/f"), E::malformed, "url"},
        BadOfferCase{with_url("/f g"), E::malformed, "url"},
        BadOfferCase{with_url("/f#g"), E::malformed, "url"},
        BadOfferCase{with_url(R"(\/f)"), E::escaped, "url"},
        BadOfferCase{with_url("/" + std::string(kArtifactUrlBytesMax, 'f')), E::overlong, "url"},
        BadOfferCase{std::string(kOfferBytesMax + 1, ' '), E::too_long, ""}));

}  // namespace
}  // namespace fuota::protocol
