#include "offered_release.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "fuota_protocol/base64url.hpp"
#include "fuota_protocol/jws.hpp"

namespace fuota::update {

void PrintTo(Code code, std::ostream* out) {
  *out << describe(code);
}

namespace {

using protocol::Manifest;

constexpr std::uint32_t kSlotBytes = 0x180000;

std::string base64url(std::string_view bytes) {
  std::string text(protocol::base64url_size(bytes.size()), '?');
  protocol::base64url_encode(bytes.data(), bytes.size(), text.data());
  return text;
}

std::string hexadecimal(const protocol::Sha256& digest) {
  std::string text(2 * digest.size(), '?');
  protocol::format_sha256(digest, text.data());
  return text;
}

protocol::KeyId key_id(char name) {
  protocol::KeyId id;
  (void)id.assign(std::string(protocol::kKeyIdBytes, name));
  return id;
}

/// Trusts the keys 'a', 'b' and 'c'.
ReleasePolicy policy(std::size_t threshold = 1) {
  ReleasePolicy policy;
  policy.key_count = 3;
  policy.threshold = threshold;
  for (std::size_t i = 0; i < 3; ++i) policy.keys[i].id = key_id(static_cast<char>('a' + i));
  return policy;
}

DeviceFacts device() {
  DeviceFacts facts;
  facts.product = "sensor";
  facts.chip = "esp32c3";
  facts.slot_bytes = kSlotBytes;
  facts.counter = 5;
  facts.running_image.fill(0x11);
  return facts;
}

/// A signature is valid when it begins with 'v', and makes the library fail when with 'f'.
class Verifier final : public protocol::SignatureVerifier {
 public:
  Outcome verify(const protocol::PublicKey&, const protocol::SigningInput&,
                 const protocol::Signature& signature) override {
    if (signature[0] == 'v') return Outcome::valid;
    return signature[0] == 'f' ? Outcome::failed : Outcome::invalid;
  }
};

/// An offer that suits `device()`, to be spoiled.
struct Draft {
  Manifest manifest;
  std::string signers = "a";  ///< a key each
  char kind = 'v';            ///< of the signatures
  std::string url = "/files/f";
  std::string format = "full";
  std::uint32_t file_bytes = 0;
  protocol::Sha256 file_sha256{};

  Draft() {
    (void)manifest.product.assign("sensor");
    (void)manifest.version.assign("0.2.0");
    (void)manifest.chip.assign("esp32c3");
    (void)manifest.created.assign("2026-11-23T05:34:24Z");
    manifest.size_bytes = file_bytes = 4096;
    manifest.sha256.fill(0x22);
    file_sha256 = manifest.sha256;
    manifest.counter = 5;
  }

  [[nodiscard]] std::string text() const {
    std::string payload(protocol::kFormattedManifestBytesMax, '?');
    payload.resize(protocol::format_manifest(manifest, payload.data()));
    std::string signatures;
    for (const char name : signers) {
      std::string header(protocol::kFormattedHeaderBytes, '?');
      protocol::format_protected_header(key_id(name), header.data());
      signatures += (signatures.empty() ? "" : ",") + std::string(R"({"protected":")") +
                    base64url(header) + R"(","signature":")" +
                    base64url(std::string(protocol::kSignatureBytes, kind)) + "\"}";
    }
    return R"({"deployment":"d","manifest":{"payload":")" + base64url(payload) +
           R"(","signatures":[)" + signatures + R"(]},"artifacts":[{"format":")" + format +
           R"(","url":")" + url + R"(","size":)" + std::to_string(file_bytes) + R"(,"sha256":")" +
           hexadecimal(file_sha256) + R"("}]})";
  }
};

OfferedRelease judge(const Draft& draft, std::size_t threshold = 1) {
  static std::string text;  // the URL points into it
  text = draft.text();
  Verifier verifier;
  OfferScratch scratch;
  return judge_offer(text, policy(threshold), device(), verifier, scratch);
}

TEST(OfferedRelease, ThatSuitsTheDeviceIsInstalled) {
  const OfferedRelease release = judge({});
  EXPECT_EQ(release.code, Code::updated);
  EXPECT_EQ(release.url, "/files/f");
  EXPECT_EQ(release.manifest, Draft().manifest);
  EXPECT_EQ(release.update.version, Draft().manifest.version);
  EXPECT_EQ(release.update.file, Draft().manifest.sha256);
  EXPECT_FALSE(release.update.empty());
}

struct RefusedCase {
  const char* title;
  std::function<void(Draft&)> spoil;
  Code code;
};

class RefusedRelease : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedRelease, IsToldWhy) {
  Draft draft;
  GetParam().spoil(draft);
  const OfferedRelease release = judge(draft);
  EXPECT_EQ(release.code, GetParam().code);
  EXPECT_EQ(release.url, "");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRelease,
    testing::Values(
        RefusedCase{"NotTrusted", [](Draft& d) { d.signers = "x"; }, Code::bad_signature},
        RefusedCase{"NotSigned", [](Draft& d) { d.kind = 'w'; }, Code::bad_signature},
        RefusedCase{"LibraryFailed", [](Draft& d) { d.kind = 'f'; }, Code::no_memory},
        RefusedCase{"AnotherProduct", [](Draft& d) { (void)d.manifest.product.assign("sensor2"); },
                    Code::wrong_product},
        RefusedCase{"AnotherChip", [](Draft& d) { (void)d.manifest.chip.assign("esp32"); },
                    Code::wrong_chip},
        RefusedCase{"LargerThanTheSlot",
                    [](Draft& d) { d.manifest.size_bytes = d.file_bytes = kSlotBytes + 1; },
                    Code::too_big},
        RefusedCase{"LowerCounter", [](Draft& d) { d.manifest.counter = 4; }, Code::old_counter},
        RefusedCase{"RunsAlready",
                    [](Draft& d) {
                      d.manifest.sha256.fill(0x11);
                      d.file_sha256 = d.manifest.sha256;
                    },
                    Code::same_image},
        RefusedCase{"AnotherFile", [](Draft& d) { d.file_sha256.fill(0x33); }, Code::wrong_file},
        RefusedCase{"AFileOfAnotherSize", [](Draft& d) { ++d.file_bytes; }, Code::wrong_file},
        RefusedCase{"NoFormatThatIsKnown", [](Draft& d) { d.format = "delta"; }, Code::wrong_file},
        RefusedCase{"AnotherServer", [](Draft& d) { d.url = "https://evil.example/f"; },
                    Code::bad_offer}),
    [](const auto& row) { return row.param.title; });

TEST(OfferedRelease, MayFillTheSlot) {
  Draft draft;
  draft.manifest.size_bytes = draft.file_bytes = kSlotBytes;
  EXPECT_EQ(judge(draft).code, Code::updated);
}

TEST(OfferedRelease, WithAHigherCounterIsInstalled) {
  Draft draft;
  draft.manifest.counter = 4294967295;
  EXPECT_EQ(judge(draft).code, Code::updated);
}

TEST(OfferedRelease, NeedsAsManyKeysAsThePolicySays) {
  Draft draft;
  draft.signers = "axc";
  EXPECT_EQ(judge(draft, 2).code, Code::updated);
  draft.signers = "axx";
  EXPECT_EQ(judge(draft, 2).code, Code::bad_signature);
  EXPECT_EQ(judge(draft, 2).signers, 1U);
  draft.signers = "aaa";
  EXPECT_EQ(judge(draft, 2).code, Code::bad_signature) << "one key signs once";
}

/// Nothing of an unsigned manifest is looked at: it is nobody's word.
TEST(OfferedRelease, IsJudgedByItsSignaturesFirst) {
  Draft draft;
  draft.signers = "x";
  (void)draft.manifest.product.assign("sensor2");
  EXPECT_EQ(judge(draft).code, Code::bad_signature);
  EXPECT_EQ(judge(draft).manifest, Manifest());
  EXPECT_EQ(judge(draft).update.file, draft.manifest.sha256) << "what a report is about";
}

TEST(OfferedRelease, ForAChipThatIsNotKnownIsRefused) {
  const std::string text = Draft().text();
  DeviceFacts facts = device();
  facts.chip = {};
  Verifier verifier;
  OfferScratch scratch;
  EXPECT_EQ(judge_offer(text, policy(), facts, verifier, scratch).code, Code::wrong_chip);
}

TEST(OfferedRelease, ThatIsNoOfferIsToldWithTheReason) {
  Verifier verifier;
  OfferScratch scratch;
  const OfferedRelease release = judge_offer("{}", policy(), device(), verifier, scratch);
  EXPECT_EQ(release.code, Code::bad_offer);
  EXPECT_EQ(release.problem.error, protocol::DocumentError::missing);
  EXPECT_EQ(release.problem.member, "deployment");
}

TEST(OfferedRelease, OfAPolicyWhoseThresholdCannotBeReachedIsRefused) {
  EXPECT_EQ(judge({}, 4).code, Code::bad_signature);
  EXPECT_EQ(judge({}, 0).code, Code::bad_signature);
}

}  // namespace
}  // namespace fuota::update
