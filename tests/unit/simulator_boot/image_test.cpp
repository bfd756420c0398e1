#include "simulator/boot/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/image_builder/image_builder.hpp"

namespace simulator::boot {
namespace {

using fuota::test::build_image;
using fuota::test::Damage;
using fuota::test::Image;
using fuota::test::ImageOptions;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

constexpr std::uint32_t kSlot = 0x10000;
constexpr std::uint32_t kSlotBytes = 0x180000;

class Recorder : public Surroundings {
 public:
  void log(LogLevel level, const char* tag, const char* message) override {
    lines.push_back(std::string(1, "EWI"[static_cast<int>(level)]) + " " + tag + ": " + message);
  }
  void spend(std::int64_t duration_us) override { spent_us += duration_us; }

  std::vector<std::string> lines;
  std::int64_t spent_us = 0;
};

class ImageCheck : public ::testing::Test {
 protected:
  esp_err_t examine(const Image& bytes, ImageUse use = ImageUse::load,
                    const std::string& chip = "esp32", std::uint32_t slot_bytes = kSlotBytes) {
    chip_.burn(kSlot, bytes);
    return examine_image(chip_, *find_chip(chip), idf_, use, {kSlot, slot_bytes}, recorder_,
                         image_);
  }

  kernel::IdfVersion idf_ = kernel::IdfVersion::v5_5;
  flash::FlashChip chip_{4 * 1024 * 1024};
  Recorder recorder_;
  esp_image_metadata_t image_{};
};

struct GoodImage {
  std::string_view chip;
  std::size_t size_bytes;
};

class GoodImages : public ImageCheck, public ::testing::WithParamInterface<GoodImage> {};

TEST_P(GoodImages, AreAccepted) {
  ImageOptions options;
  options.chip = GetParam().chip;
  options.size_bytes = GetParam().size_bytes;
  EXPECT_EQ(examine(build_image(options), ImageUse::load, options.chip), ESP_OK)
      << recorder_.lines.back();
  EXPECT_EQ(image_.image_len, options.size_bytes);
}

std::vector<GoodImage> good_images() {
  std::vector<GoodImage> images;
  for (const std::string_view chip : fuota::test::image_chips()) {
    for (const std::size_t size : {std::size_t{512}, std::size_t{4096}, std::size_t{131072},
                                   std::size_t{816384}, std::size_t{1572864}}) {
      images.push_back({chip, size});
    }
  }
  return images;
}

INSTANTIATE_TEST_SUITE_P(ChipsAndSizes, GoodImages, ::testing::ValuesIn(good_images()),
                         [](const auto& row) {
                           return std::string(row.param.chip) + "_" +
                                  std::to_string(row.param.size_bytes);
                         });

TEST_F(ImageCheck, FillsInWhatItFound) {
  const Image bytes = build_image({});
  ASSERT_EQ(examine(bytes, ImageUse::verify), ESP_OK);
  EXPECT_EQ(image_.start_addr, kSlot);
  EXPECT_EQ(image_.image_len, bytes.size());
  EXPECT_EQ(image_.image.segment_count, 5);
  EXPECT_EQ(image_.segments[0].load_addr, 0x3F400020u);
  EXPECT_EQ(image_.segment_data[0], kSlot + 32);
  EXPECT_TRUE(std::equal(bytes.end() - 32, bytes.end(), image_.image_digest));
}

TEST_F(ImageCheck, LogsASegmentAsEspIdfDoes) {
  ASSERT_EQ(examine(build_image({}), ImageUse::verify), ESP_OK);
  const std::string hex = "[0-9a-f]{8}";
  EXPECT_THAT(
      recorder_.lines,
      ElementsAre(MatchesRegex("I esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=1c78ch "
                               "\\(116620\\) map"),
                  MatchesRegex("I esp_image: segment 1: paddr=" + hex +
                               " vaddr=3ffb0000 size=0[0-9a-f]{4}h \\( *[0-9]+\\) "),
                  MatchesRegex("I esp_image: segment 2: paddr=" + hex + " vaddr=40080000 .*\\) "),
                  MatchesRegex("I esp_image: segment 3: paddr=00030020 vaddr=400d0020 .*\\) map"),
                  MatchesRegex("I esp_image: segment 4: paddr=" + hex + " vaddr=4008.*\\) ")));
}

TEST_F(ImageCheck, MarksLoadedSegmentsInTheBootloader) {
  ASSERT_EQ(examine(build_image({}), ImageUse::load), ESP_OK);
  EXPECT_THAT(recorder_.lines.at(0), ::testing::EndsWith(") map"));
  EXPECT_THAT(recorder_.lines.at(1), ::testing::EndsWith(") load"));
}

TEST_F(ImageCheck, IsSilentWhenAskedTo) {
  ASSERT_EQ(examine(build_image({}), ImageUse::verify_silent), ESP_OK);
  EXPECT_THAT(recorder_.lines, IsEmpty());
}

TEST_F(ImageCheck, TakesTheTimeOfARealBoard) {
  ASSERT_EQ(examine(build_image({}), ImageUse::verify), ESP_OK);
  EXPECT_NEAR(static_cast<double>(recorder_.spent_us), 816384 * 0.34, 1000);
}

TEST_F(ImageCheck, DescribesWithoutReadingTheContents) {
  const Image broken = damaged(build_image({}), Damage::payload_bit);
  ASSERT_EQ(examine(broken, ImageUse::describe), ESP_OK);
  EXPECT_EQ(image_.image_len, broken.size());
  EXPECT_EQ(recorder_.spent_us, 0);
}

// bootloader_support/src/esp_image_format.c, image_load.
TEST_F(ImageCheck, AcceptsAnImageWithoutDigest) {
  ImageOptions options;
  options.with_digest = false;
  EXPECT_EQ(examine(build_image(options)), ESP_OK);
}

TEST_F(ImageCheck, AcceptsWhatIsBehindTheImage) {
  Image bytes = build_image({});
  bytes.insert(bytes.end(), 100, 0x33);
  EXPECT_EQ(examine(bytes), ESP_OK);
}

// bootloader_support/src/esp_image_format.c, image_load.
TEST_F(ImageCheck, DoesNotLookAtTheDescription) {
  ImageOptions options;
  options.version.assign(31, 'v');
  EXPECT_EQ(examine(build_image(options)), ESP_OK);
}

TEST_F(ImageCheck, RefusesAnErasedSlot) {
  EXPECT_EQ(examine({}), ESP_ERR_IMAGE_INVALID);
  EXPECT_THAT(recorder_.lines, ElementsAre("E esp_image: image at 0x10000 has invalid magic byte "
                                           "(nothing flashed here?)"));
}

// bootloader_support/src/esp_image_format.c, process_appended_hash_and_sig.
TEST_F(ImageCheck, RefusesAnImageLargerThanItsPartition) {
  EXPECT_EQ(examine(build_image({}), ImageUse::load, "esp32", 0xC7000), ESP_ERR_IMAGE_INVALID);
  EXPECT_EQ(recorder_.lines.back(),
            "E esp_image: Image length 816384 doesn't fit in partition length 815104");
}

TEST_F(ImageCheck, AcceptsAnImageThatFillsItsPartition) {
  ImageOptions options;
  options.size_bytes = 0x20000;
  EXPECT_EQ(examine(build_image(options), ImageUse::load, "esp32", 0x20000), ESP_OK);
}

TEST_F(ImageCheck, RefusesAPartitionOfMoreThan16MiB) {
  EXPECT_EQ(examine(build_image({}), ImageUse::load, "esp32", 0x1000001), ESP_ERR_INVALID_ARG);
}

TEST_F(ImageCheck, RefusesAnImageThatEndsBehindTheChip) {
  const Image bytes = build_image({});
  constexpr std::uint32_t kNearTheEnd = 0x3F0000;
  chip_.burn(kNearTheEnd, std::span(bytes).first(0x10000));
  EXPECT_EQ(examine_image(chip_, *find_chip("esp32"), idf_, ImageUse::load,
                          {kNearTheEnd, kSlotBytes}, recorder_, image_),
            ESP_FAIL);
}

// bootloader_support/src/esp_image_format.c, verify_load_addresses.
TEST_F(ImageCheck, RefusesRamThatDoesNotExistInTheBootloaderOnly) {
  Image bytes = build_image({});
  ASSERT_EQ(examine(bytes, ImageUse::describe), ESP_OK);
  const std::size_t second_segment = 24 + 8 + image_.segments[0].data_len;
  bytes[second_segment + 3] = 0x70;  // the highest byte of its address
  EXPECT_EQ(examine(bytes, ImageUse::load), ESP_ERR_IMAGE_INVALID);
  EXPECT_THAT(recorder_.lines.back(), ::testing::HasSubstr("invalid: bad load address range"));
  EXPECT_EQ(examine(bytes, ImageUse::verify), ESP_ERR_IMAGE_INVALID);
  EXPECT_EQ(recorder_.lines.back(), "E esp_image: Image hash failed - image is corrupt");
}

TEST_F(ImageCheck, ZeroesTheFindingsOfARefusedImage) {
  ASSERT_NE(examine(damaged(build_image({}), Damage::digest)), ESP_OK);
  EXPECT_EQ(image_.image_len, 0u);
  EXPECT_EQ(image_.image.magic, 0);
}

struct DamageRow {
  Damage damage;
  esp_err_t error;
  const char* line;
};

std::ostream& operator<<(std::ostream& out, const DamageRow& row) {
  return out << name_of(row.damage);
}

class DamagedImage : public ImageCheck, public ::testing::WithParamInterface<DamageRow> {};

// bootloader_support/src/esp_image_format.c, image_load, verify_segment_header,
// process_checksum; bootloader_support/src/bootloader_common_loader.c,
// bootloader_common_check_chip_revision_validity.
TEST_P(DamagedImage, IsRefusedForItsReason) {
  EXPECT_EQ(examine(damaged(build_image({}), GetParam().damage)), GetParam().error);
  ASSERT_FALSE(recorder_.lines.empty());
  EXPECT_THAT(recorder_.lines.back(), ::testing::StartsWith(GetParam().line));
}

TEST_P(DamagedImage, IsRefusedByAnApplicationToo) {
  EXPECT_EQ(examine(damaged(build_image({}), GetParam().damage), ImageUse::verify_silent),
            GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Damages, DamagedImage,
    ::testing::Values(
        DamageRow{Damage::magic, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: image at 0x10000 has invalid magic byte"},
        DamageRow{Damage::chip, ESP_FAIL, "E boot_comm: mismatch chip ID, expected 0, found 30583"},
        DamageRow{Damage::chip_revision_too_old, ESP_FAIL,
                  "E boot_comm: chip revision check failed. Required >= v99.99, found v3.0."},
        DamageRow{Damage::chip_revision_too_new, ESP_FAIL,
                  "E boot_comm: chip revision check failed. Required <= v0.1, found v3.0."},
        DamageRow{Damage::too_many_segments, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: image at 0x10000 segment count 17 exceeds max 16"},
        DamageRow{Damage::segment_length_not_aligned, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: invalid segment length 0x1c78d"},
        DamageRow{Damage::segment_too_long, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: invalid segment length 0x1000000"},
        DamageRow{Damage::segment_not_congruent, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: Segment 0 load address 0x3f400024, doesn't match data 0x00010020"},
        DamageRow{Damage::checksum, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: Checksum failed. Calculated 0x"},
        DamageRow{Damage::digest, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: Image hash failed - image is corrupt"},
        DamageRow{Damage::payload_bit, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: Checksum failed. Calculated 0x"},
        DamageRow{Damage::payload_two_bits, ESP_ERR_IMAGE_INVALID,
                  "E esp_image: Image hash failed - image is corrupt"}),
    [](const auto& row) { return std::string(name_of(row.param.damage)); });

TEST(Damages, AllHaveARow) {
  EXPECT_EQ(fuota::test::all_damages().size(), 12u);
}

TEST_F(ImageCheck, WithoutDigestMissesWhatTheChecksumMisses) {
  ImageOptions options;
  options.with_digest = false;
  const Image good = build_image(options);
  Image bytes = good;
  bytes[400] ^= 0x10;
  bytes[401] ^= 0x10;
  EXPECT_EQ(examine(bytes), ESP_OK);
}

struct RevisionRow {
  const char* name;
  const char* chip;
  std::uint8_t min_chip_rev;
  esp_err_t error;
};

class OldestRevision : public ImageCheck, public ::testing::WithParamInterface<RevisionRow> {};

// bootloader_common_loader.c of v4.4.4, bootloader_common_check_chip_validity: the old field is the
// major revision of an ESP32 and the minor one of an ESP32-C3, and there is no upper limit.
TEST_P(OldestRevision, IsReadFromTheOldFieldInV4) {
  idf_ = kernel::IdfVersion::v4_4;
  ImageOptions options;
  options.chip = GetParam().chip;
  options.with_digest = false;
  Image bytes = build_image(options);
  constexpr std::size_t kMinChipRev = 14;
  constexpr std::size_t kMinChipRevFull = 15;
  constexpr std::size_t kMaxChipRevFull = 17;
  bytes[kMinChipRev] = GetParam().min_chip_rev;
  bytes[kMinChipRevFull + 1] = 0x7F;  // more than any chip has
  bytes[kMaxChipRevFull] = 1;         // less than any chip has
  bytes[kMaxChipRevFull + 1] = 0;
  EXPECT_EQ(examine(bytes, ImageUse::verify, options.chip), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Rows, OldestRevision,
                         ::testing::Values(RevisionRow{"Esp32", "esp32", 3, ESP_OK},
                                           RevisionRow{"Esp32TooOld", "esp32", 4, ESP_FAIL},
                                           RevisionRow{"Esp32c3", "esp32c3", 4, ESP_OK},
                                           RevisionRow{"Esp32c3TooOld", "esp32c3", 5, ESP_FAIL}),
                         [](const auto& row) { return row.param.name; });

// bootloader_support/src/esp_image_format.c, process_segments.
TEST_F(ImageCheck, OfAChipWithPagesOfSeveralSizesNeedsTheDescription) {
  ImageOptions options;
  options.chip = "esp32c6";
  Image bytes = build_image(options);
  bytes[32] ^= 1;  // its magic number
  EXPECT_EQ(examine(bytes, ImageUse::load, "esp32c6"), ESP_FAIL);
  EXPECT_EQ(recorder_.lines.back(), "E esp_image: Failed to fetch app description header!");
}

}  // namespace
}  // namespace simulator::boot
