#include "resume_record.hpp"

#include <gtest/gtest.h>

namespace fuota::update {
namespace {

ResumeRecord record() {
  ResumeRecord record;
  record.sha256.fill(0xA5);
  record.file_bytes = 0x00018701;
  record.slot_offset = 0x00190000;
  record.written_bytes = kJournalStepBytes;
  for (std::size_t i = 0; i < kHeadBytes; ++i) record.head[i] = static_cast<std::uint8_t>(0xE9 + i);
  return record;
}

TEST(ResumeRecord, IsReadAsItWasWritten) {
  const ResumeRecordBytes bytes = encode(record());
  ResumeRecord read;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.sha256, record().sha256);
  EXPECT_EQ(read.file_bytes, record().file_bytes);
  EXPECT_EQ(read.slot_offset, record().slot_offset);
  EXPECT_EQ(read.written_bytes, record().written_bytes);
  EXPECT_EQ(read.head, record().head);
}

/// Devices in the field hold records of this layout.
TEST(ResumeRecord, HasTheLayoutOfVersion1) {
  const ResumeRecordBytes bytes = encode(record());
  EXPECT_EQ(bytes.size(), 64U);
  const std::uint8_t beginning[] = {'F', 'R', 1, 0, 0xA5};
  EXPECT_TRUE(std::equal(std::begin(beginning), std::end(beginning), bytes.begin()));
  const std::uint8_t numbers[] = {0x01, 0x87, 0x01, 0, 0, 0, 0x19, 0, 0, 0, 1, 0, 0xE9, 0xEA};
  EXPECT_TRUE(std::equal(std::begin(numbers), std::end(numbers), bytes.begin() + 36));
}

struct ForeignCase {
  const char* title;
  std::size_t offset;
  std::uint8_t byte;
};

class ForeignResumeRecord : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignResumeRecord, IsNotRead) {
  ResumeRecordBytes bytes = encode(record());
  bytes[GetParam().offset] = GetParam().byte;
  ResumeRecord read;
  read.file_bytes = 77;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.file_bytes, 77U) << "left alone";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ForeignResumeRecord,
    testing::Values(ForeignCase{"OtherMagic", 0, 'X'}, ForeignCase{"OtherVersion", 2, 2},
                    ForeignCase{"Reserved", 3, 1}, ForeignCase{"NothingWritten", 46, 0},
                    ForeignCase{"NoWholeStep", 45, 0x10}, ForeignCase{"MoreThanTheFile", 46, 2}),
    [](const auto& row) { return row.param.title; });

TEST(ResumeRecord, OfAnotherLengthIsNotRead) {
  const ResumeRecordBytes bytes = encode(record());
  ResumeRecord read;
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, read));
  EXPECT_FALSE(decode(bytes.data(), 0, read));
}

TEST(ResumeRecord, IsAboutOneFileInOneSlot) {
  protocol::Manifest release;
  release.sha256 = record().sha256;
  release.size_bytes = record().file_bytes;
  EXPECT_TRUE(is_about(record(), release, 0x190000));
  EXPECT_FALSE(is_about(record(), release, 0x10000));
  release.size_bytes += 1;
  EXPECT_FALSE(is_about(record(), release, 0x190000));
  release.size_bytes -= 1;
  release.sha256[31] ^= 1;
  EXPECT_FALSE(is_about(record(), release, 0x190000));
}

}  // namespace
}  // namespace fuota::update
