#include "server/api/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuota::server::api {
namespace {

using testing::HasSubstr;

struct Row {
  const char* fact;
  std::string text;
  std::string value;   ///< What is expected, or empty:
  std::string reason;  ///< part of the refusal.
};

class FileNameArgument : public testing::TestWithParam<Row> {};

TEST_P(FileNameArgument, IsDecodedAndChecked) {
  const Row& row = GetParam();
  const Argument argument = parse_file_name(row.text);
  ASSERT_EQ(argument.has_value(), row.reason.empty());
  if (argument) {
    EXPECT_EQ(*argument, row.value);
  } else {
    EXPECT_THAT(argument.error().reason, HasSubstr(row.reason));
    EXPECT_THAT(argument.error().reason, HasSubstr("the file name"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FileNameArgument,
    testing::Values(Row{"Plain", "app.bin.0.1.1", "app.bin.0.1.1", ""},
                    Row{"Escaped", "app%20%25.bin", "app %.bin", ""},
                    Row{"LowerCaseEscapes", "%e5%90%8d", "名", ""},
                    Row{"APlusIsAPlus", "a+b", "a+b", ""},
                    Row{"Longest", std::string(255, 'a'), std::string(255, 'a'), ""},
                    Row{"TooLong", std::string(256, 'a'), "", "use 1 to 128 bytes"},
                    Row{"Empty", "", "", "empty"}, Row{"ADot", ".", "", "use 1 to 128 bytes"},
                    Row{"TwoEscapedDots", "%2e%2e", "", "use 1 to 128 bytes"},
                    Row{"AnEscapedSlash", "..%2Fca_key.pem", "", "use 1 to 128 bytes"},
                    Row{"ABackslash", "a%5Cb", "", "use 1 to 128 bytes"},
                    Row{"AQuote", "a%22b", "", "use 1 to 128 bytes"},
                    Row{"ANul", "a%00b", "", "control character"},
                    Row{"ALineEnd", "a%0d%0ab", "", "control character"},
                    Row{"NoUtf8", "%ff", "", "UTF-8"}, Row{"OverlongUtf8", "%c0%af", "", "UTF-8"},
                    Row{"AHalfEscape", "a%2", "", "percent escape"},
                    Row{"ALonePercent", "100%", "", "percent escape"},
                    Row{"NoHexadecimalDigits", "%zz", "", "percent escape"},
                    Row{"DecodedOnce", "%252e%252e", "%2e%2e", ""}),
    [](const auto& row) { return row.param.fact; });

TEST(DeviceIdArgument, HasALimitOfItsOwn) {
  EXPECT_TRUE(parse_device_id(std::string(128, 'a')).has_value());
  EXPECT_FALSE(parse_device_id(std::string(129, 'a')).has_value());
}

struct QueryRow {
  const char* fact;
  std::optional<std::string_view> query;
  std::string value;
  std::string reason;
};

class VersionQuery : public testing::TestWithParam<QueryRow> {};

TEST_P(VersionQuery, HasOneVersion) {
  const QueryRow& row = GetParam();
  const Argument argument = parse_version_query(row.query);
  ASSERT_EQ(argument.has_value(), row.reason.empty());
  if (argument) {
    EXPECT_EQ(*argument, row.value);
  } else {
    EXPECT_THAT(argument.error().reason, HasSubstr(row.reason));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, VersionQuery,
    testing::Values(QueryRow{"Alone", "app_ver=0.1.0", "0.1.0", ""},
                    QueryRow{"AmongOthers", "a=b&app_ver=0.1.0&&c", "0.1.0", ""},
                    QueryRow{"Escaped", "app_ver=1%2e0%20b", "1.0 b", ""},
                    QueryRow{"WithAColon", "app_ver=1:0", "1:0", ""},
                    QueryRow{"WithAnEqualsSign", "app_ver=1=0", "1=0", ""},
                    QueryRow{"NoQuery", std::nullopt, "", "app_ver is missing"},
                    QueryRow{"AnEmptyQuery", "", "", "app_ver is missing"},
                    QueryRow{"OnlyOthers", "version=1", "", "app_ver is missing"},
                    QueryRow{"AnotherCase", "APP_VER=1", "", "app_ver is missing"},
                    QueryRow{"APrefixOfTheName", "app_ver2=1", "", "app_ver is missing"},
                    QueryRow{"Twice", "app_ver=1&app_ver=1", "", "more than once"},
                    QueryRow{"OnceEmptyAndOnceNot", "app_ver&app_ver=1", "", "more than once"},
                    QueryRow{"Empty", "app_ver=", "", "empty"},
                    QueryRow{"WithoutValue", "app_ver", "", "empty"},
                    QueryRow{"ABadEscape", "app_ver=%", "", "percent escape"},
                    QueryRow{"ANul", "app_ver=1%000", "", "control character"}),
    [](const auto& row) { return row.param.fact; });

TEST(RunningQuery, HasWhatADeviceSays) {
  const auto query = parse_running_query("root=4294967295&image=" + std::string(64, 'a'));
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->root, 4294967295U);
  EXPECT_EQ(query->image->front(), 0xAA);
  EXPECT_EQ(parse_running_query("root=0")->root, 0U);
  EXPECT_FALSE(parse_running_query("app_ver=1")->root.has_value());
  EXPECT_FALSE(parse_running_query("app_ver=1")->image.has_value());
}

TEST(RunningQuery, IsRefusedForWhatIsNoVersionOfARoot) {
  for (const char* root : {"root=", "root", "root=-1", "root=a", "root=4294967296", "root=1.0",
                           "root=1&root=1", "root=%31"}) {
    EXPECT_FALSE(parse_running_query(root).has_value()) << root;
  }
}

TEST(PageQuery, IsTheNewestHundredEventsUnlessItSays) {
  const auto page = parse_page_query(std::nullopt);
  EXPECT_EQ(page->limit, 100U);
  EXPECT_EQ(page->before, 18446744073709551615U);
  EXPECT_EQ(parse_page_query("before=7&limit=1000")->before, 7U);
  EXPECT_EQ(parse_page_query("before=7&limit=1000")->limit, 1000U);
  EXPECT_EQ(parse_page_query("other=x")->limit, 100U);
}

TEST(PageQuery, IsRefusedBeyondItsLimits) {
  for (const char* query : {"limit=0", "limit=1001", "limit=", "limit=ten", "limit=1&limit=1",
                            "before=0", "before=-1", "before=18446744073709551616", "before="}) {
    const auto page = parse_page_query(query);
    ASSERT_FALSE(page.has_value()) << query;
  }
  EXPECT_THAT(parse_page_query("limit=0").error().reason,
              HasSubstr("limit is not a number from 1 to 1000"));
}

TEST(RootVersion, IsOneNumberInOneForm) {
  EXPECT_EQ(*parse_root_version("1"), 1U);
  EXPECT_EQ(*parse_root_version("4294967295"), 4294967295U);
  for (const char* segment :
       {"", "0", "01", "-1", "+1", "4294967296", "18446744073709551617", "1a", "%31", " 1"}) {
    EXPECT_FALSE(parse_root_version(segment).has_value()) << segment;
  }
}

}  // namespace
}  // namespace fuota::server::api
