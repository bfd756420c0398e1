#include "token_record.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace fuota::update {
namespace {

TokenRecord record() {
  TokenRecord record;
  record.state = TokenState::made;
  record.secret.fill(0xA5);
  return record;
}

/// Devices in the field hold records of this layout.
TEST(TokenRecord, HasTheLayoutOfVersion1) {
  std::uint8_t expected[36] = {'F', 'C', 1, 1};
  std::memset(expected + 4, 0xA5, 32);
  const TokenRecord made = record();
  EXPECT_EQ(std::memcmp(&made, expected, sizeof expected), 0);
  TokenRecord accepted = record();
  accepted.state = TokenState::accepted;
  expected[3] = 2;
  EXPECT_EQ(std::memcmp(&accepted, expected, sizeof expected), 0);
}

struct ForeignCase {
  const char* title;
  std::size_t offset;
  std::uint8_t byte;
};

class ForeignTokenRecord : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignTokenRecord, IsNotKnown) {
  TokenRecord foreign = record();
  ASSERT_TRUE(is_known(foreign));
  reinterpret_cast<std::uint8_t*>(&foreign)[GetParam().offset] = GetParam().byte;
  EXPECT_FALSE(is_known(foreign));
}

INSTANTIATE_TEST_SUITE_P(Rows, ForeignTokenRecord,
                         testing::Values(ForeignCase{"OtherMagic", 0, 'X'},
                                         ForeignCase{"OtherLayout", 2, 2},
                                         ForeignCase{"NoState", 3, 0},
                                         ForeignCase{"UnknownState", 3, 3}),
                         [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::update
