#include "image_checker.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "tests/support/image_builder/image_builder.hpp"

namespace fuota::update {

void PrintTo(ImageError error, std::ostream* out) {
  *out << static_cast<int>(error);
}

namespace {

constexpr std::uint16_t kEsp32 = 0x0000;
constexpr std::uint16_t kEsp32C3 = 0x0005;
constexpr std::uint32_t kSlotBytes = 0x180000;

class OpensslDigest final : public Digest {
 public:
  OpensslDigest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  bool update(const std::uint8_t* data, std::size_t bytes) override {
    return EVP_DigestUpdate(context_.get(), data, bytes) == 1;
  }
  bool finish(std::uint8_t out[kSha256Bytes]) override {
    return EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

struct Verdict {
  ImageError error;
  std::size_t bytes_taken;  ///< up to and with the chunk in which the error was found
};

/// Feeds `image` in chunks of the sizes that `next_chunk` gives.
template <typename NextChunk>
Verdict check(const test::Image& image, std::uint16_t chip, std::uint32_t slot_bytes,
              NextChunk next_chunk) {
  OpensslDigest digest;
  ImageChecker checker(chip, slot_bytes, digest);
  std::size_t taken = 0;
  while (taken < image.size()) {
    const std::size_t bytes = std::min<std::size_t>(next_chunk(), image.size() - taken);
    const ImageError error = checker.feed(image.data() + taken, bytes);
    taken += bytes;
    if (error != ImageError::none) return {error, taken};
  }
  return {checker.finish(), taken};
}

Verdict check(const test::Image& image, std::uint16_t chip = kEsp32,
              std::uint32_t slot_bytes = kSlotBytes) {
  return check(image, chip, slot_bytes, [] { return std::size_t{4096}; });
}

test::Image image(std::size_t size_bytes = 200'000, const char* chip = "esp32") {
  test::ImageOptions options;
  options.size_bytes = size_bytes;
  options.chip = chip;
  return test::build_image(options);
}

TEST(ImageChecker, AcceptsAValidImageOfItsChip) {
  EXPECT_EQ(check(image()).error, ImageError::none);
  EXPECT_EQ(check(image(test::kImageBytesMin)).error, ImageError::none);
  EXPECT_EQ(check(image(200'000, "esp32c3"), kEsp32C3).error, ImageError::none);
}

TEST(ImageChecker, AcceptsAnImageWithoutADigest) {
  test::ImageOptions options;
  options.with_digest = false;
  EXPECT_EQ(check(test::build_image(options)).error, ImageError::none);
}

TEST(ImageChecker, FindsTheSameWhateverTheChunks) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const test::Image good = image(20'000);
  const test::Image bad = test::damaged(good, test::Damage::payload_bit);
  for (int round = 0; round < 50; ++round) {
    const std::size_t largest = 1 + random() % 700;
    const auto chunk = [&] { return 1 + random() % largest; };
    ASSERT_EQ(check(good, kEsp32, kSlotBytes, chunk).error, ImageError::none);
    ASSERT_EQ(check(bad, kEsp32, kSlotBytes, chunk).error, ImageError::bad_checksum);
  }
}

struct DamageCase {
  test::Damage damage;
  ImageError error;
};

class DamagedImage : public testing::TestWithParam<DamageCase> {};

TEST_P(DamagedImage, IsRefusedForItsReason) {
  EXPECT_EQ(check(test::damaged(image(), GetParam().damage)).error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DamagedImage,
    testing::Values(DamageCase{test::Damage::magic, ImageError::bad_magic},
                    DamageCase{test::Damage::chip, ImageError::wrong_chip},
                    DamageCase{test::Damage::too_many_segments, ImageError::bad_segment_count},
                    DamageCase{test::Damage::segment_length_not_aligned,
                               ImageError::bad_segment_length},
                    DamageCase{test::Damage::segment_too_long, ImageError::bad_segment_length},
                    DamageCase{test::Damage::checksum, ImageError::bad_checksum},
                    DamageCase{test::Damage::digest, ImageError::bad_hash},
                    DamageCase{test::Damage::payload_bit, ImageError::bad_checksum},
                    DamageCase{test::Damage::payload_two_bits, ImageError::bad_hash}),
    [](const auto& row) { return std::string(test::name_of(row.param.damage)); });

TEST(ImageChecker, RefusesAnImageOfAnotherChipInItsFirstBytes) {
  const Verdict verdict =
      check(image(200'000, "esp32c3"), kEsp32, kSlotBytes, [] { return std::size_t{1}; });
  EXPECT_EQ(verdict.error, ImageError::wrong_chip);
  EXPECT_EQ(verdict.bytes_taken, 24U);
}

TEST(ImageChecker, RefusesWhatIsNoImageByItsFirstByte) {
  const std::string page = "<!DOCTYPE html>";
  const Verdict verdict =
      check({page.begin(), page.end()}, kEsp32, kSlotBytes, [] { return std::size_t{1}; });
  EXPECT_EQ(verdict.error, ImageError::bad_magic);
  EXPECT_EQ(verdict.bytes_taken, 1U);
}

TEST(ImageChecker, RefusesAnImageCutAnywhere) {
  const test::Image whole = image(test::kImageBytesMin);
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(check({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)}).error,
              ImageError::truncated)
        << bytes;
  }
}

TEST(ImageChecker, RefusesNothingAtAll) {
  EXPECT_EQ(check({}).error, ImageError::truncated);
}

TEST(ImageChecker, AcceptsAnImageThatFillsItsSlotAndNoLargerOne) {
  const test::Image exact = image(65'536);
  EXPECT_EQ(check(exact, kEsp32, 65'536).error, ImageError::none);
  EXPECT_EQ(check(exact, kEsp32, 65'536 - 4096).error, ImageError::too_big);
  EXPECT_EQ(check(exact, kEsp32, 65'535).error, ImageError::too_big);
}

TEST(ImageChecker, IgnoresWhatFollowsTheImageUpToTheEndOfTheSlot) {
  test::Image padded = image(65'536);
  padded.resize(70'000, 0xFF);
  EXPECT_EQ(check(padded, kEsp32, 70'000).error, ImageError::none);
  EXPECT_EQ(check(padded, kEsp32, 69'999).error, ImageError::too_big);
}

}  // namespace
}  // namespace fuota::update
