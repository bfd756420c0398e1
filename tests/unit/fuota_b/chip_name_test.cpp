#include "chip_name.hpp"

#include <gtest/gtest.h>

namespace fuota::update {
namespace {

TEST(ChipName, IsThatOfEspIdfsTarget) {
  EXPECT_EQ(chip_name(0x0000), "esp32");
  EXPECT_EQ(chip_name(0x0005), "esp32c3");
  EXPECT_EQ(chip_name(0x0009), "esp32s3");
  EXPECT_EQ(chip_name(0x0014), "esp32c61");
}

TEST(ChipName, OfAnUnknownChipIsEmpty) {
  EXPECT_EQ(chip_name(0x0001), "");
  EXPECT_EQ(chip_name(0xFFFF), "");
}

}  // namespace
}  // namespace fuota::update
