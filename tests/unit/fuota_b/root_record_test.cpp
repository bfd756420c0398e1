#include "root_record.hpp"

#include <gtest/gtest.h>

namespace fuota::update {
namespace {

ReleasePolicy policy() {
  ReleasePolicy policy;
  policy.key_count = 3;
  policy.threshold = 2;
  policy.version = 0x04030201;
  for (std::size_t i = 0; i < policy.key_count; ++i) {
    policy.keys[i].key.point.fill(static_cast<std::uint8_t>(0xA0 + i));
  }
  return policy;
}

TEST(RootRecord, IsReadAsItWasWritten) {
  const RootRecordBytes bytes = encode(policy());
  ReleasePolicy read;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.version, policy().version);
  EXPECT_EQ(read.threshold, 2U);
  ASSERT_EQ(read.key_count, 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(read.keys[i].key, policy().keys[i].key);
}

/// Devices in the field hold records of this layout.
TEST(RootRecord, HasTheLayoutOfVersion1) {
  const RootRecordBytes bytes = encode(policy());
  EXPECT_EQ(bytes.size(), 268U);
  const std::uint8_t beginning[] = {'F', 'K', 1, 3, 2, 0, 0, 0, 1, 2, 3, 4, 0xA0};
  EXPECT_TRUE(std::equal(std::begin(beginning), std::end(beginning), bytes.begin()));
  EXPECT_EQ(bytes[12 + 64], 0xA1);
  EXPECT_EQ(bytes[267], 0) << "no fourth key";
}

struct ForeignCase {
  const char* title;
  std::size_t offset;
  std::uint8_t byte;
};

class ForeignRootRecord : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignRootRecord, IsNotRead) {
  RootRecordBytes bytes = encode(policy());
  bytes[GetParam().offset] = GetParam().byte;
  ReleasePolicy read;
  read.threshold = 77;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.threshold, 77U) << "left alone";
}

INSTANTIATE_TEST_SUITE_P(Rows, ForeignRootRecord,
                         testing::Values(ForeignCase{"OtherMagic", 0, 'X'},
                                         ForeignCase{"OtherLayout", 2, 2},
                                         ForeignCase{"NoKey", 3, 0}, ForeignCase{"FiveKeys", 3, 5},
                                         ForeignCase{"NoThreshold", 4, 0},
                                         ForeignCase{"ThresholdAboveTheKeys", 4, 4},
                                         ForeignCase{"Reserved", 7, 1}),
                         [](const auto& row) { return row.param.title; });

TEST(RootRecord, OfNoRootDocumentIsNotRead) {
  ReleasePolicy built_in = policy();
  built_in.version = 0;
  const RootRecordBytes bytes = encode(built_in);
  ReleasePolicy read;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), read));
}

}  // namespace
}  // namespace fuota::update
