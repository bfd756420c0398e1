#include "server/app/log.hpp"

#include <gtest/gtest.h>

namespace fuota::server::app {
namespace {

struct Row {
  const char* fact;
  std::string_view text;
  std::string_view escaped;
};

class EscapeForLog : public testing::TestWithParam<Row> {};

TEST_P(EscapeForLog, LeavesOneFieldOfOneLine) {
  EXPECT_EQ(escape_for_log(GetParam().text), GetParam().escaped);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, EscapeForLog,
    testing::Values(
        Row{"PlainTextStays", "/devices/00001?app_ver=0.1.0", "/devices/00001?app_ver=0.1.0"},
        Row{"NothingIsADash", "", "-"}, Row{"ABlank", "a b", "a\\x20b"},
        Row{"ALineEnd", "a\r\nb", "a\\x0d\\x0ab"}, Row{"AnEscapeSequence", "\x1b[31m", "\\x1b[31m"},
        Row{"ANul", std::string_view("a\0b", 3), "a\\x00b"}, Row{"AHighByte", "\xff", "\\xff"},
        Row{"AQuoteAndABackslash", "\"\\", "\\x22\\x5c"}, Row{"Delete", "\x7f", "\\x7f"}),
    [](const auto& row) { return row.param.fact; });

TEST(EscapeForLogLength, IsBounded) {
  EXPECT_EQ(escape_for_log(std::string(10'000, 'a')), std::string(kLoggedBytesMax, 'a') + "...");
}

}  // namespace
}  // namespace fuota::server::app
