#include "fuota_protocol/jws.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/fuota_protocol/release_fixture.hpp"

namespace fuota::protocol {
namespace {

const std::string kKid(kKeyIdBytes, 'k');
const std::string kHeader = R"({"alg":"ES256","kid":")" + kKid + "\"}";
const std::string kValue(kSignatureBytes, '\x5A');
constexpr std::string_view kPayload = "payload";

std::string with_header(std::string_view header) {
  return jws_json(kPayload, signature_json(header, kValue));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += (i > 0 ? "," : "") + std::string(text);
  return all;
}

TEST(Jws, HasItsPayloadAndSignatures) {
  const std::string text = jws_json(kPayload, repeated(signature_json(kHeader, kValue), 2));
  const auto parse = parse_jws(text);
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_EQ(parse.jws.payload, base64url(kPayload));
  ASSERT_EQ(parse.jws.signature_count, 2U);
  const JwsSignature& second = parse.jws.signatures[1];
  EXPECT_EQ(second.form, SignatureForm::es256);
  EXPECT_EQ(second.key_id.view(), kKid);
  EXPECT_EQ(second.signature[63], 0x5A);
}

TEST(Jws, SignsTheTextsOfHeaderAndPayloadAsTheyAreWritten) {
  const std::string text = with_header(kHeader);
  const auto parse = parse_jws(text);
  const SigningInput input = signing_input(parse.jws, parse.jws.signatures[0]);
  EXPECT_EQ(input.protected_header, base64url(kHeader));
  EXPECT_EQ(input.payload, base64url(kPayload));
}

TEST(Jws, HasTheHeaderThatIsWrittenForAKey) {
  KeyId id;
  ASSERT_TRUE(id.assign(kKid));
  std::string header(kFormattedHeaderBytes, '?');
  format_protected_header(id, header.data());
  EXPECT_EQ(header, kHeader);
}

struct HeaderForm {
  std::string header;
  SignatureForm form;
};

class ProtectedHeader : public testing::TestWithParam<HeaderForm> {};

TEST_P(ProtectedHeader, SaysWhatTheSignatureCountsFor) {
  const auto parse = parse_jws(with_header(GetParam().header));
  ASSERT_EQ(parse.problem.error, DocumentError::none) << GetParam().header;
  EXPECT_EQ(parse.jws.signatures[0].form, GetParam().form) << GetParam().header;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ProtectedHeader,
    testing::Values(
        HeaderForm{kHeader, SignatureForm::es256},
        HeaderForm{R"({ "kid": ")" + kKid + R"(", "typ": "JOSE", "alg": "ES256" })",
                   SignatureForm::es256},
        HeaderForm{R"({"alg":"ES384","kid":")" + kKid + "\"}", SignatureForm::other_algorithm},
        HeaderForm{R"({"alg":"none","kid":")" + kKid + "\"}", SignatureForm::other_algorithm},
        HeaderForm{R"({"alg":"es256","kid":")" + kKid + "\"}", SignatureForm::other_algorithm},
        HeaderForm{R"({"alg":"ES256","crit":["b64"],"b64":false,"kid":")" + kKid + "\"}",
                   SignatureForm::critical_header},
        HeaderForm{R"({"alg":"ES256"})", SignatureForm::unnamed_key},
        HeaderForm{R"({"alg":"ES256","kid":"release"})", SignatureForm::unnamed_key}));

TEST(Jws, OfAnotherAlgorithmMayHaveASignatureOfAnotherSize) {
  const std::string other = signature_json(R"({"alg":"ES384"})", std::string(96, 's')) + "," +
                            signature_json(kHeader, kValue);
  const auto parse = parse_jws(jws_json(kPayload, other));
  ASSERT_EQ(parse.problem.error, DocumentError::none);
  EXPECT_EQ(parse.jws.signatures[1].form, SignatureForm::es256);
}

struct BadDocument {
  std::string text;
  DocumentError error;
  const char* member;
};

class BadJws : public testing::TestWithParam<BadDocument> {};

TEST_P(BadJws, IsRefusedForItsReason) {
  const auto parse = parse_jws(GetParam().text);
  EXPECT_EQ(parse.problem.error, GetParam().error) << GetParam().text;
  EXPECT_EQ(parse.problem.member, GetParam().member) << GetParam().text;
}

const std::string kGoodSignature = signature_json(kHeader, kValue);
using E = DocumentError;

INSTANTIATE_TEST_SUITE_P(
    Rows, BadJws,
    testing::Values(
        BadDocument{"", E::not_json, ""}, BadDocument{"[]", E::not_an_object, ""},
        BadDocument{"{}", E::missing, "payload"},
        BadDocument{R"({"payload":"cA"})", E::missing, "signatures"},
        BadDocument{R"({"payload":"cA","protected":"e30","signature":"cA"})", E::flattened, ""},
        BadDocument{R"({"payload":"cA","signature":"cA","signatures":[)" + kGoodSignature + "]}",
                    E::flattened, ""},
        BadDocument{R"({"payload":"cA==","signatures":[)" + kGoodSignature + "]}", E::not_base64,
                    "payload"},
        BadDocument{R"({"payload":"","signatures":[)" + kGoodSignature + "]}", E::empty, "payload"},
        BadDocument{R"({"payload":"cA","payload":"cA","signatures":[]})", E::duplicate, "payload"},
        BadDocument{R"({"payload":"c\u0041","signatures":[)" + kGoodSignature + "]}", E::escaped,
                    "payload"},
        BadDocument{jws_json(std::string(kManifestBytesMax + 1, 'p'), kGoodSignature), E::overlong,
                    "payload"},
        BadDocument{jws_json(kPayload, ""), E::empty, "signatures"},
        BadDocument{jws_json(kPayload, repeated(kGoodSignature, kManifestSignaturesMax + 1)),
                    E::overlong, "signatures"},
        BadDocument{jws_json(kPayload, "7"), E::not_an_object, ""},
        BadDocument{jws_json(kPayload, R"({"signature":"cA"})"), E::missing, "protected"},
        BadDocument{jws_json(kPayload, R"({"protected":"e30"})"), E::missing, "signature"},
        BadDocument{jws_json(kPayload, R"({"protected":"e30","signature":"cA","header":{}})"),
                    E::unprotected_header, "header"},
        BadDocument{jws_json(kPayload, signature_json(kHeader, std::string(63, 's'))), E::malformed,
                    "signature"},
        BadDocument{jws_json(kPayload, signature_json(kHeader, std::string(65, 's'))), E::malformed,
                    "signature"},
        BadDocument{with_header("{"), E::not_json, "protected"},
        BadDocument{with_header("[]"), E::not_an_object, ""},
        BadDocument{with_header("{}"), E::missing, "alg"},
        BadDocument{with_header(R"({"alg":"ES256","alg":"none"})"), E::duplicate, "alg"},
        BadDocument{with_header(R"({"alg":256})"), E::wrong_type, "alg"},
        BadDocument{with_header(R"({"alg":"ES256","kid":1})"), E::wrong_type, "kid"},
        BadDocument{with_header(R"({"alg":"ES256","crit":true})"), E::wrong_type, "crit"},
        BadDocument{with_header("{\"alg\":\"\xFF\"}"), E::not_utf8, "protected"},
        BadDocument{with_header(std::string(kProtectedHeaderBytesMax + 1, ' ')), E::overlong,
                    "protected"},
        BadDocument{std::string(kSignedManifestBytesMax + 1, ' '), E::too_long, ""}));

TEST(Jws, OfTheMostSignaturesAndTheLongestManifestIsShortEnough) {
  const std::string text = jws_json(std::string(kManifestBytesMax, 'p'),
                                    repeated(kGoodSignature, kManifestSignaturesMax));
  EXPECT_LE(text.size(), kSignedManifestBytesMax);
  EXPECT_EQ(parse_jws(text).problem.error, DocumentError::none);
}

TEST(Jws, MayHaveMoreSignaturesWhereTheyAreAskedFor) {
  const std::string text = jws_json(kPayload, repeated(kGoodSignature, kRootSignaturesMax));
  EXPECT_EQ(parse_jws(text).problem.error, DocumentError::overlong);
  EXPECT_EQ(parse_jws(text, kRootSignaturesMax).jws.signature_count, kRootSignaturesMax);
  const std::string more = jws_json(kPayload, repeated(kGoodSignature, kRootSignaturesMax + 1));
  EXPECT_EQ(parse_jws(more, kRootSignaturesMax).problem.error, DocumentError::overlong);
}

TEST(Jws, KeepsNothingOfWhatWasThereBefore) {
  JsonWorkspace workspace;
  Jws jws;
  const std::string before = with_header(R"({"alg":"ES384"})");
  ASSERT_FALSE(parse_jws(before, kManifestSignaturesMax, workspace, jws));
  ASSERT_EQ(jws.signatures[0].form, SignatureForm::other_algorithm);
  const std::string text = with_header(kHeader);
  ASSERT_FALSE(parse_jws(text, kManifestSignaturesMax, workspace, jws));
  EXPECT_EQ(jws.signature_count, 1U);
  EXPECT_EQ(jws.signatures[0].form, SignatureForm::es256);
}

TEST(Jws, GivesTheManifestThatIsItsPayload) {
  const std::string manifest =
      R"({"product":"p","version":"1","chip":"esp32","size":1,"sha256":")" + std::string(64, '0') +
      R"(","counter":3,"created":"2026-01-01T00:00:00Z"})";
  const std::string text = jws_json(manifest, kGoodSignature);
  const auto parse = manifest_of(parse_jws(text).jws);
  EXPECT_EQ(parse.problem.error, DocumentError::none);
  EXPECT_EQ(parse.manifest.counter, 3U);
}

TEST(Jws, WhosePayloadIsNoManifestSaysWhatIsWrongWithIt) {
  const std::string text = jws_json("{}", kGoodSignature);
  EXPECT_EQ(manifest_of(parse_jws(text).jws).problem.error, DocumentError::missing);
}

}  // namespace
}  // namespace fuota::protocol
