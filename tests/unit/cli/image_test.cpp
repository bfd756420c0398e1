#include "cli/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cli/release_key.hpp"
#include "tests/support/image_builder/image_builder.hpp"
#include "tests/support/image_builder/image_layout.hpp"

namespace fuota::cli {
namespace {

using test::Damage;
using test::ImageOptions;
using testing::HasSubstr;

std::string bytes_of(const test::Image& image) {
  return {image.begin(), image.end()};
}

test::Image small_image() {
  ImageOptions options;
  options.size_bytes = 2048;
  return test::build_image(options);
}

TEST(ImageDescriptor, IsRead) {
  ImageOptions options;
  options.project = "sensor";
  options.version = "1.2.0-rc1";
  options.secure_version = 7;
  options.size_bytes = 4096;
  const std::string bytes = bytes_of(test::build_image(options));
  const auto image = read_image(bytes);
  ASSERT_TRUE(image) << image.error().line;
  EXPECT_EQ(image->product, "sensor");
  EXPECT_EQ(image->version, "1.2.0-rc1");
  EXPECT_EQ(image->secure_version, 7U);
  EXPECT_EQ(image->size_bytes, 4096U);
  protocol::Sha256 whole{};
  ASSERT_TRUE(sha256(bytes.data(), bytes.size(), whole));
  EXPECT_EQ(image->sha256, whole);
}

TEST(ImageDescriptor, MayHaveTextsWithoutANul) {
  test::Image image = small_image();
  for (std::size_t i = 0; i < 32; ++i) image[test::kDescriptionAt + 16 + i] = 'v';
  test::seal(image);
  EXPECT_EQ(read_image(bytes_of(image))->version, std::string(32, 'v'));
}

TEST(ImageChip, IsNamedAsEspIdfDoes) {
  for (const std::string_view chip : test::image_chips()) {
    ImageOptions options;
    options.chip = chip;
    EXPECT_EQ(read_image(bytes_of(test::build_image(options)))->chip, chip);
  }
}

TEST(ImageHash, NeedNotBeAppended) {
  ImageOptions options;
  options.size_bytes = 2048;
  options.with_digest = false;
  EXPECT_TRUE(read_image(bytes_of(test::build_image(options))));
}

TEST(ImageFile, MayHaveASignatureBehindTheImage) {
  const auto image = read_image(bytes_of(small_image()) + std::string(4096, '\xE7'));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->size_bytes, 2048U + 4096U);
}

struct DamageRow {
  Damage damage;
  const char* reason;
};

class DamagedImage : public testing::TestWithParam<DamageRow> {};

TEST_P(DamagedImage, IsRefusedForItsReason) {
  const auto image = read_image(bytes_of(test::damaged(small_image(), GetParam().damage)));
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().line, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DamagedImage,
    testing::Values(DamageRow{Damage::magic, "does not begin with 0xE9"},
                    DamageRow{Damage::too_many_segments, "segments, and an image has 1 to 16"},
                    DamageRow{Damage::segment_length_not_aligned, "impossible length"},
                    DamageRow{Damage::segment_too_long, "impossible length"},
                    DamageRow{Damage::checksum, "checksum is wrong"},
                    DamageRow{Damage::digest, "appended SHA-256 is wrong"},
                    DamageRow{Damage::payload_bit, "checksum is wrong"},
                    DamageRow{Damage::payload_two_bits, "appended SHA-256 is wrong"}));

TEST(NoImage, IsRefusedForItsReason) {
  test::Image unknown_chip = small_image();
  test::put_u16(unknown_chip, test::kChipIdAt, 0x7777);
  test::Image no_descriptor = small_image();
  test::put_u32(no_descriptor, test::kDescriptionAt, 0);
  test::seal(no_descriptor);
  const std::pair<std::string, const char*> rows[] = {
      {"", "the file is empty"},
      {"\x7F"
       "ELF",
       "not the ELF file"},
      {bytes_of(unknown_chip), "its chip, number 30583, is not known"},
      {bytes_of(no_descriptor), "no application descriptor"}};
  for (const auto& [bytes, reason] : rows) {
    const auto image = read_image(bytes);
    ASSERT_FALSE(image);
    EXPECT_THAT(image.error().line, HasSubstr(reason));
  }
}

TEST(NoImage, IsWhatWasCutShortAnywhere) {
  const std::string whole = bytes_of(small_image());
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    const auto image = read_image(std::string_view(whole).substr(0, bytes));
    ASSERT_FALSE(image) << bytes;
    EXPECT_THAT(image.error().line, HasSubstr("cut short")) << bytes;
  }
}

}  // namespace
}  // namespace fuota::cli
