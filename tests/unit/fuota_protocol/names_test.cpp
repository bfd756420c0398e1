#include "fuota_protocol/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

using namespace std::string_literals;

struct NameCase {
  std::string text;
  NameError error;
};

class FileName : public testing::TestWithParam<NameCase> {};

TEST_P(FileName, IsJudgedByItsBytes) {
  EXPECT_EQ(check_file_name(GetParam().text), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FileName,
    testing::Values(NameCase{"esp32-fuota.bin.0.1.1", NameError::none},
                    NameCase{"a", NameError::none}, NameCase{"with space", NameError::none},
                    NameCase{"a:b+c%20", NameError::none}, NameCase{"über-größe", NameError::none},
                    NameCase{"\xF0\x9F\x9A\x97", NameError::none}, NameCase{"...", NameError::none},
                    NameCase{"", NameError::empty}, NameCase{".", NameError::dot_name},
                    NameCase{"..", NameError::dot_name},
                    NameCase{"a/b", NameError::forbidden_character},
                    NameCase{"a\\b", NameError::forbidden_character},
                    NameCase{"a\"b", NameError::forbidden_character},
                    NameCase{"a\nb", NameError::control_character},
                    NameCase{"a\0b"s, NameError::control_character},
                    NameCase{"\x7F", NameError::control_character},
                    NameCase{"\xC2\x85", NameError::control_character},  // U+0085, a C1 control
                    NameCase{"\xC2\xA0", NameError::none},  // U+00A0, the first behind them
                    NameCase{"\xFF", NameError::not_utf8}, NameCase{"\x80", NameError::not_utf8},
                    NameCase{"\xC0\xAF", NameError::not_utf8},          // '/' in two bytes
                    NameCase{"\xE0\x80\xAF", NameError::not_utf8},      // and in three
                    NameCase{"\xED\xA0\x80", NameError::not_utf8},      // a surrogate
                    NameCase{"\xF4\x90\x80\x80", NameError::not_utf8},  // U+110000
                    NameCase{"\xE2\x82", NameError::not_utf8},          // cut short
                    NameCase{std::string(255, 'x'), NameError::none},
                    NameCase{std::string(256, 'x'), NameError::too_long}));

TEST(DeviceId, HasAtMost128Bytes) {
  EXPECT_EQ(check_device_id(std::string(128, '0')), NameError::none);
  EXPECT_EQ(check_device_id(std::string(129, '0')), NameError::too_long);
}

TEST(Version, HasAtMost128Bytes) {
  EXPECT_EQ(check_version(std::string(128, '1')), NameError::none);
  EXPECT_EQ(check_version(std::string(129, '1')), NameError::too_long);
}

TEST(NameErrors, AreDescribedEachInItsOwnWords) {
  EXPECT_EQ(describe(NameError::none), "");
  EXPECT_EQ(describe(NameError::not_utf8), "is not valid UTF-8");
  EXPECT_EQ(describe(NameError::forbidden_character), "has one of the characters / \\ \"");
}

}  // namespace
}  // namespace fuota::protocol
