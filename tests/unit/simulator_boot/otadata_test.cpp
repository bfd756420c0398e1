#include "simulator/boot/otadata.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace simulator::boot {
namespace {

struct CrcRow {
  std::uint32_t seq;
  std::uint32_t crc;
};

class OtadataCrc : public ::testing::TestWithParam<CrcRow> {};

// bootloader_support/src/bootloader_common_loader.c, bootloader_common_ota_select_crc.
TEST_P(OtadataCrc, IsThatOfTheRom) {
  EXPECT_EQ(otadata_crc(GetParam().seq), GetParam().crc);
}

INSTANTIATE_TEST_SUITE_P(Vectors, OtadataCrc,
                         ::testing::Values(CrcRow{1, 0x4743989A}, CrcRow{2, 0x55F63774},
                                           CrcRow{3, 0xED4A5011}, CrcRow{4, 0x709D68A8},
                                           CrcRow{5, 0xC8210FCD}, CrcRow{0xFFFFFFFE, 0x99F8B879}));

// bootloader_support/src/bootloader_utility.c, write_otadata.
TEST(OtadataEntry, HasTheBytesThatTheRealBootloaderWrites) {
  constexpr std::uint8_t kSeq1Valid[] = {0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF,
                                         0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                         0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                         0x02, 0x00, 0x00, 0x00, 0x9A, 0x98, 0x43, 0x47};
  const OtadataEntry entry = make_entry(1, ESP_OTA_IMG_VALID);
  EXPECT_EQ(std::memcmp(&entry, kSeq1Valid, sizeof entry), 0);
}

// bootloader_support/src/bootloader_common_loader.c, bootloader_common_ota_select_invalid.
TEST(OtadataEntry, IsInvalidByBlankSeqOrVerdictWhateverTheCrc) {
  EXPECT_TRUE(is_invalid(make_entry(kSeqBlank, ESP_OTA_IMG_VALID)));
  EXPECT_TRUE(is_invalid(make_entry(1, ESP_OTA_IMG_INVALID)));
  EXPECT_TRUE(is_invalid(make_entry(1, ESP_OTA_IMG_ABORTED)));
  OtadataEntry bad_crc = make_entry(1, ESP_OTA_IMG_VALID);
  bad_crc.crc ^= 1;
  EXPECT_FALSE(is_invalid(bad_crc));
  EXPECT_FALSE(is_valid(bad_crc));
}

TEST(OtadataEntry, CrcDoesNotCoverTheState) {
  OtadataEntry entry = make_entry(7, ESP_OTA_IMG_NEW);
  entry.ota_state = ESP_OTA_IMG_PENDING_VERIFY;
  EXPECT_TRUE(is_valid(entry));
}

// bootloader_support/src/bootloader_common_loader.c, bootloader_common_select_otadata.
TEST(Otadata, HighestSeqIsActiveAndTheFirstEntryWinsATie) {
  const OtadataEntry one = make_entry(1, ESP_OTA_IMG_VALID);
  const OtadataEntry two = make_entry(2, ESP_OTA_IMG_VALID);
  EXPECT_EQ(active_entry({one, two}), 1);
  EXPECT_EQ(active_entry({two, one}), 0);
  EXPECT_EQ(active_entry({two, two}), 0);
}

TEST(Otadata, HasNoActiveEntryWithoutAValidOne) {
  const OtadataEntry aborted = make_entry(1, ESP_OTA_IMG_ABORTED);
  EXPECT_EQ(active_entry({aborted, aborted}), std::nullopt);
}

struct SeqRow {
  std::uint32_t seq;
  unsigned slot;
  unsigned slot_count;
  std::uint32_t next;
};

class NextSeq : public ::testing::TestWithParam<SeqRow> {};

// app_update/esp_ota_ops.c, esp_rewrite_ota_data.
TEST_P(NextSeq, IsTheLowestOneNotBelowThatMeansTheSlot) {
  const SeqRow& row = GetParam();
  EXPECT_EQ(next_seq(row.seq, row.slot, row.slot_count), row.next);
}

INSTANTIATE_TEST_SUITE_P(Rows, NextSeq,
                         ::testing::Values(SeqRow{1, 1, 2, 2}, SeqRow{2, 0, 2, 3},
                                           SeqRow{2, 1, 2, 2}, SeqRow{0, 0, 2, 1},
                                           SeqRow{0, 1, 2, 0}, SeqRow{5, 0, 3, 7},
                                           SeqRow{5, 2, 3, 6}, SeqRow{7, 0, 1, 7},
                                           SeqRow{4, 6, 8, 7}));

}  // namespace
}  // namespace simulator::boot
