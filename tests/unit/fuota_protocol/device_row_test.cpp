#include "fuota_protocol/device_row.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

TEST(DeviceRow, HasTheThreeFieldsOfTheLine) {
  const auto parse = parse_device_row("\"00001\",\"0.1.0\",\"esp32-fuota.bin.0.1.1\"");
  ASSERT_EQ(parse.error, DeviceRowError::none);
  EXPECT_EQ(parse.row.id(), "00001");
  EXPECT_EQ(parse.row.version(), "0.1.0");
  EXPECT_EQ(parse.row.file(), "esp32-fuota.bin.0.1.1");
}

TEST(DeviceRow, MayLackQuotesAndHaveALineEnd) {
  for (const char* line : {"a,b,c", "a,b,c\n", "a,b,c\r\n", "\"a\",b,\"c\"\n"}) {
    const auto parse = parse_device_row(line);
    ASSERT_EQ(parse.error, DeviceRowError::none) << line;
    EXPECT_EQ(parse.row.id(), "a") << line;
    EXPECT_EQ(parse.row.file(), "c") << line;
  }
}

TEST(DeviceRow, KeepsACommaWithinQuotes) {
  const auto parse = parse_device_row("\"a,b\",\"1\",\"f\"");
  ASSERT_EQ(parse.error, DeviceRowError::none);
  EXPECT_EQ(parse.row.id(), "a,b");
}

struct BadRow {
  std::string line;
  DeviceRowError error;
};

class BadDeviceRow : public testing::TestWithParam<BadRow> {};

TEST_P(BadDeviceRow, IsRefusedForItsReason) {
  EXPECT_EQ(parse_device_row(GetParam().line).error, GetParam().error) << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadDeviceRow,
    testing::Values(BadRow{"", DeviceRowError::not_three_fields},
                    BadRow{"\n", DeviceRowError::not_three_fields},
                    BadRow{"a,b", DeviceRowError::not_three_fields},
                    BadRow{"a,b,c,d", DeviceRowError::not_three_fields},
                    BadRow{"a,b,c\nd,e,f\n", DeviceRowError::more_than_one_line},
                    BadRow{"\"a,b,c", DeviceRowError::bad_quoting},
                    BadRow{"\"a\"x,b,c", DeviceRowError::bad_quoting},
                    BadRow{"a\"b,c,d", DeviceRowError::bad_quoting},
                    BadRow{"a,,c", DeviceRowError::bad_field},
                    BadRow{"a,b,", DeviceRowError::bad_field},
                    BadRow{"a,b,../c", DeviceRowError::bad_field},
                    BadRow{"\"a\"\"b\",b,c", DeviceRowError::bad_field},
                    BadRow{std::string(129, 'a') + ",b,c", DeviceRowError::bad_field},
                    BadRow{std::string(kDeviceRowBytesMax + 1, 'a'), DeviceRowError::too_long}));

TEST(BadDeviceRow, NamesTheFieldAndWhatIsWrongWithIt) {
  const auto parse = parse_device_row("a,b/c,d");
  EXPECT_EQ(parse.field, "app_ver");
  EXPECT_EQ(parse.field_error, NameError::forbidden_character);
}

TEST(DeviceRow, IsWrittenInTheFormThatIsRead) {
  char out[kFormattedRowBytesMax];
  const std::size_t bytes = format_device_row("00001", "0.1.0", "f.bin", out);
  EXPECT_EQ(std::string(out, bytes), "\"00001\",\"0.1.0\",\"f.bin\"\n");
}

TEST(DeviceRow, OfTheLargestFieldsFitsItsBuffer) {
  char out[kFormattedRowBytesMax];
  EXPECT_EQ(
      format_device_row(std::string(kDeviceIdBytesMax, 'i'), std::string(kVersionBytesMax, 'v'),
                        std::string(kFileNameBytesMax, 'f'), out),
      kFormattedRowBytesMax);
}

}  // namespace
}  // namespace fuota::protocol
