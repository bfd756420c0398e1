#include "cli/fleet_id_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuota::cli {
namespace {

using testing::HasSubstr;

struct GoodFormat {
  const char* text;
  std::uint64_t number;
  const char* id;
};

TEST(IdFormat, PutsTheNumberWhereItSays) {
  for (const GoodFormat& row :
       {GoodFormat{"dev-%06d", 42, "dev-000042"}, GoodFormat{"%05d", 1, "00001"},
        GoodFormat{"a%01dz", 7, "a7z"}, GoodFormat{"dev-%03d", 12345, "dev-12345"},
        GoodFormat{"x%018d", 1, "x000000000000000001"}, GoodFormat{"%010d", 9, "0000000009"}}) {
    SCOPED_TRACE(row.text);
    const auto format = IdFormat::parse(row.text);
    ASSERT_TRUE(format) << format.error().line;
    EXPECT_EQ(format->id(row.number), row.id);
  }
}

TEST(IdFormat, RefusesAllElse) {
  for (const char* const text :
       {"",          "dev",       "dev-%d",   "dev-%6d",   "dev-%0d",
        "dev-%00d",  "dev-%019d", "dev-%06u", "dev-%06",   "dev-%06d-%06d",
        "%%-%06d",   "%s",        "dev-%n",   "dev-%0-6d", "dev-%0+6d",
        "dev-%06ld", "%",         "a/%06d",   "a\"%06d",   "dev-%099999999999d"}) {
    EXPECT_FALSE(IdFormat::parse(text)) << text;
  }
}

TEST(IdFormat, SaysWhatToWrite) {
  EXPECT_THAT(IdFormat::parse("dev-%d").error().line, HasSubstr("such as dev-%06d"));
}

}  // namespace
}  // namespace fuota::cli
