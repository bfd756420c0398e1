#include "cli/signed_manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/openssl_verifier.hpp"
#include "cli/signed_document.hpp"
#include "fuota_protocol/release_trust.hpp"

namespace fuota::cli {
namespace {

using testing::HasSubstr;

/// 2026-11-23T05:34:24Z
constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'795'412'064)};

Image image_of(const std::string& version = "1.2.0") {
  Image image;
  image.product = "sensor";
  image.version = version;
  image.chip = "esp32c3";
  image.size_bytes = 4096;
  image.sha256.fill(0x5A);
  return image;
}

std::string signed_by(const ReleaseKey& key) {
  return *sign_manifest(*make_manifest(image_of(), 7, kNow), key);
}

protocol::TrustDecision judge(const std::string& text, const std::vector<const ReleaseKey*>& keys) {
  std::vector<protocol::NamedKey> named;
  for (const ReleaseKey* key : keys) named.push_back(*with_name(key->public_key()));
  const auto parse = protocol::parse_jws(text);
  EXPECT_FALSE(parse.problem) << text;
  OpensslVerifier verifier;
  return protocol::verify_signatures(parse.jws, {named.data(), named.size(), named.size()},
                                     verifier);
}

TEST(ManifestOfAnImage, SaysWhatTheImageSays) {
  const auto manifest = make_manifest(image_of(), 7, kNow);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->product.view(), "sensor");
  EXPECT_EQ(manifest->version.view(), "1.2.0");
  EXPECT_EQ(manifest->chip.view(), "esp32c3");
  EXPECT_EQ(manifest->size_bytes, 4096U);
  EXPECT_EQ(manifest->counter, 7U);
  EXPECT_EQ(manifest->created.view(), "2026-11-23T05:34:24Z");
  EXPECT_EQ(difference(*manifest, image_of()), "");
}

TEST(ManifestOfAnImage, IsNotMadeOfWhatIsNoName) {
  const auto manifest = make_manifest(image_of("1.0/dirty"), 0, kNow);
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().line, HasSubstr("its \"version\" does not have the required form"));
}

TEST(SignedManifest, IsTrustedByItsKey) {
  const auto key = ReleaseKey::generate();
  const auto other = ReleaseKey::generate();
  const std::string text = signed_by(*key);
  EXPECT_EQ(judge(text, {&*key}).outcome, protocol::TrustOutcome::trusted);
  EXPECT_EQ(judge(text, {&*other}).outcome, protocol::TrustOutcome::too_few);
}

TEST(SignedManifest, CarriesTheManifest) {
  const auto key = ReleaseKey::generate();
  EXPECT_EQ(*read_manifest(signed_by(*key)), *make_manifest(image_of(), 7, kNow));
}

TEST(SignedManifest, CanHaveFourSignatures) {
  std::vector<ReleaseKey> keys;
  std::vector<const ReleaseKey*> signers;
  for (std::size_t i = 0; i < protocol::kManifestSignaturesMax; ++i) {
    keys.push_back(std::move(*ReleaseKey::generate()));
  }
  std::string text = signed_by(keys[0]);
  for (std::size_t i = 1; i < keys.size(); ++i) text = *add_signature(text, kManifestKind, keys[i]);
  for (const ReleaseKey& key : keys) signers.push_back(&key);
  EXPECT_EQ(judge(text, signers).outcome, protocol::TrustOutcome::trusted);

  const auto fifth = add_signature(text, kManifestKind, *ReleaseKey::generate());
  ASSERT_FALSE(fifth);
  EXPECT_THAT(fifth.error().line, HasSubstr("can't have more"));
}

TEST(SignedManifest, StaysAsItIsWhenTheSameKeySignsAgain) {
  const auto key = ReleaseKey::generate();
  const std::string text = signed_by(*key);
  EXPECT_EQ(*add_signature(text, kManifestKind, *key), text);
}

TEST(SignedManifest, WithAWrongSignatureOfTheKeyIsNotMended) {
  const auto key = ReleaseKey::generate();
  std::string text = signed_by(*key);
  const std::size_t value = text.rfind("\":\"") + 3;
  text[value] = text[value] == 'A' ? 'B' : 'A';
  const auto again = add_signature(text, kManifestKind, *key);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().line, HasSubstr("sign anew"));
}

TEST(SignedManifest, OfAnotherImageIsTold) {
  const protocol::Manifest manifest = *make_manifest(image_of(), 7, kNow);
  Image image = image_of("1.3.0");
  EXPECT_THAT(difference(manifest, image), HasSubstr("version \"1.2.0\", the image is \"1.3.0\""));
  image = image_of();
  image.product = "gate";
  EXPECT_THAT(difference(manifest, image), HasSubstr("product"));
  image = image_of();
  image.chip = "esp32";
  EXPECT_THAT(difference(manifest, image), HasSubstr("chip"));
  image = image_of();
  image.sha256[31] = 0;
  EXPECT_THAT(difference(manifest, image), HasSubstr("other bytes"));
}

TEST(SignedManifest, ThatIsNoneIsTold) {
  const auto manifest = read_manifest("{}");
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().line, HasSubstr("its \"payload\" is missing"));
}

}  // namespace
}  // namespace fuota::cli
