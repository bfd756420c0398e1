#include "simulator/boot/application.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "esp_app_desc.h"
#include "esp_image_format.h"
#include "esp_partition.h"
#include "tests/unit/simulator_boot/board.hpp"

/// esp_app_desc.h, esp_image_format.h, and what esp_partition.h says about images.
namespace simulator::boot {
namespace {

using Digest = std::array<std::uint8_t, 32>;
using fuota::test::Damage;

class RunningApplication : public ::testing::Test {
 protected:
  RunningApplication() {
    board_.burn("ota_0", image_);
    board_.burn("ota_1", image_);
  }

  const fuota::test::Image image_ = small_image(7);
  Board board_;
};

TEST_F(RunningApplication, DescribesTheRunningImage) {
  board_.burn("ota_1", small_image(8));
  board_.set_entry(0, make_entry(2, ESP_OTA_IMG_VALID));
  board_.run([] {
    const esp_app_desc_t* description = esp_app_get_description();
    EXPECT_EQ(description->magic_word, ESP_APP_DESC_MAGIC_WORD);
    EXPECT_STREQ(description->version, "0.1.8");
    EXPECT_STREQ(description->project_name, "esp32-fuota");
    EXPECT_STREQ(description->idf_ver, "v5.5.5");
  });
}

TEST_F(RunningApplication, TellsTheBeginningOfItsElfDigest) {
  board_.run([] {
    char digits[65];
    EXPECT_EQ(esp_app_get_elf_sha256(digits, sizeof digits), 10);
    char expected[10];
    const std::uint8_t* digest = esp_app_get_description()->app_elf_sha256;
    std::snprintf(expected, sizeof expected, "%02x%02x%02x%02x%x", digest[0], digest[1], digest[2],
                  digest[3], digest[4] >> 4);
    EXPECT_STREQ(digits, expected);
  });
}

TEST_F(RunningApplication, CutsItsElfDigestToTheBuffer) {
  board_.run([] {
    char digits[5];
    EXPECT_EQ(esp_app_get_elf_sha256(digits, sizeof digits), 5);
    EXPECT_EQ(std::strlen(digits), 4u);
    EXPECT_EQ(esp_app_get_elf_sha256(digits, 1), 0);
    EXPECT_EQ(esp_app_get_elf_sha256(nullptr, 5), 0);
  });
}

TEST_F(RunningApplication, VerifiesAnImageInItsLog) {
  board_.run([this] {
    const esp_partition_pos_t position{labelled("ota_1")->address, labelled("ota_1")->size};
    esp_image_metadata_t image;
    board_.take_log();
    EXPECT_EQ(esp_image_verify(ESP_IMAGE_VERIFY, &position, &image), ESP_OK);
    EXPECT_EQ(image.image_len, image_.size());
  });
  EXPECT_THAT(board_.take_log(),
              ::testing::Contains(::testing::MatchesRegex(
                  "I \\([0-9]+\\) esp_image: segment 0: paddr=00020020 vaddr=3f400020 .* map")));
}

TEST_F(RunningApplication, VerifiesSilently) {
  board_.run([this] {
    const esp_partition_pos_t position{labelled("ota_1")->address, labelled("ota_1")->size};
    esp_image_metadata_t image;
    board_.take_log();
    EXPECT_EQ(esp_image_verify(ESP_IMAGE_VERIFY_SILENT, &position, &image), ESP_OK);
    EXPECT_THAT(board_.take_log(), ::testing::IsEmpty());
    EXPECT_EQ(esp_image_verify(ESP_IMAGE_VERIFY, nullptr, &image), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_image_verify(ESP_IMAGE_VERIFY, &position, nullptr), ESP_ERR_INVALID_ARG);
  });
}

TEST_F(RunningApplication, TellsTheLengthOfABrokenImage) {
  board_.burn("ota_1", damaged(image_, Damage::payload_bit));
  board_.run([this] {
    const esp_partition_pos_t position{labelled("ota_1")->address, labelled("ota_1")->size};
    esp_image_metadata_t image;
    EXPECT_EQ(esp_image_get_metadata(&position, &image), ESP_OK);
    EXPECT_EQ(image.image_len, image_.size());
  });
}

TEST_F(RunningApplication, SpendsVirtualTimeOnAVerification) {
  board_.run([this] {
    const esp_partition_pos_t position{labelled("ota_1")->address, labelled("ota_1")->size};
    esp_image_metadata_t image;
    const std::int64_t before = kernel::Scheduler::current().now_us();
    esp_image_verify(ESP_IMAGE_VERIFY_SILENT, &position, &image);
    const std::int64_t passed = kernel::Scheduler::current().now_us() - before;
    EXPECT_NEAR(static_cast<double>(passed), static_cast<double>(image_.size()) * 0.34, 100);
  });
}

// bootloader_support/src/bootloader_common.c, bootloader_common_get_sha256_of_partition.
TEST_F(RunningApplication, GivesTheAppendedDigestOfAnApp) {
  board_.run([this] {
    Digest digest{};
    EXPECT_EQ(esp_partition_get_sha256(labelled("ota_1"), digest.data()), ESP_OK);
    EXPECT_TRUE(std::equal(image_.end() - 32, image_.end(), digest.begin()));
    EXPECT_EQ(esp_partition_get_sha256(labelled("ota_1"), nullptr), ESP_ERR_INVALID_ARG);
  });
}

TEST_F(RunningApplication, GivesNoDigestOfABrokenApp) {
  board_.burn("ota_1", damaged(image_, Damage::payload_two_bits));
  board_.run([] {
    Digest digest{};
    EXPECT_EQ(esp_partition_get_sha256(labelled("ota_1"), digest.data()), ESP_ERR_IMAGE_INVALID);
  });
}

TEST_F(RunningApplication, GivesTheDigestOfAllOfADataPartition) {
  board_.run([] {
    // SHA-256 of 0x4000 bytes 0xFF.
    constexpr Digest kErased{0x0F, 0xBB, 0xA0, 0x7A};
    Digest digest{};
    EXPECT_EQ(esp_partition_get_sha256(labelled("nvs"), digest.data()), ESP_OK);
    EXPECT_TRUE(std::equal(digest.begin(), digest.begin() + 4, kErased.begin()));
  });
}

TEST_F(RunningApplication, ComparesPartitionsByTheirDigests) {
  board_.run([] {
    EXPECT_TRUE(esp_partition_check_identity(labelled("ota_0"), labelled("ota_1")));
    EXPECT_FALSE(esp_partition_check_identity(labelled("ota_0"), labelled("nvs")));
  });
}

}  // namespace
}  // namespace simulator::boot
