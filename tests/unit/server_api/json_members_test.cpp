#include "server/api/json_members.hpp"

#include <gtest/gtest.h>

#include <array>

namespace fuota::server::api {
namespace {

constexpr std::array<std::string_view, 3> kKnown = {"name", "count", "on"};

std::string complaint_about(std::string_view text) {
  const auto members = JsonMembers::parse(text, kKnown);
  return members ? "" : members.error().reason;
}

TEST(JsonMembers, AreReadByTheirKind) {
  const auto members =
      JsonMembers::parse(R"( {"on":true, "name":"a\n\u00e4","count":42} )", kKnown);
  ASSERT_TRUE(members) << members.error().reason;
  EXPECT_EQ(*members->text("name"), "a\nä");
  EXPECT_EQ(*members->number("count", 0, 100), 42U);
  EXPECT_EQ(*members->flag("on"), true);
}

TEST(JsonMembers, MayBeMissingOrNull) {
  for (const char* const text : {"{}", R"({"name":null,"count":null,"on":null})"}) {
    const auto members = JsonMembers::parse(text, kKnown);
    ASSERT_TRUE(members) << members.error().reason;
    EXPECT_FALSE(members->has("name"));
    EXPECT_FALSE(members->text("name")->has_value());
    EXPECT_FALSE(members->number("count", 0, 1)->has_value());
    EXPECT_FALSE(members->flag("on")->has_value());
  }
}

TEST(JsonMembers, AreOfTheKindThatIsAskedFor) {
  const auto members = JsonMembers::parse(R"({"on":1,"name":2,"count":"3"})", kKnown);
  ASSERT_TRUE(members);
  EXPECT_EQ(members->text("name").error().reason, "\"name\" is not a text");
  EXPECT_EQ(members->flag("on").error().reason, "\"on\" is not true or false");
  EXPECT_EQ(members->number("count", 1, 5).error().reason,
            "\"count\" is not a whole number from 1 to 5");
}

class NoWholeNumber : public testing::TestWithParam<const char*> {};

TEST_P(NoWholeNumber, IsRefused) {
  const auto members = JsonMembers::parse(std::string("{\"count\":") + GetParam() + "}", kKnown);
  ASSERT_TRUE(members) << members.error().reason;
  EXPECT_FALSE(members->number("count", 1, 100));
}

INSTANTIATE_TEST_SUITE_P(Rows, NoWholeNumber,
                         testing::Values("0", "101", "-1", "1.5", "1e1", "18446744073709551616"));

TEST(JsonMembers, WithAnUnknownNameAreRefusedByIt) {
  EXPECT_EQ(complaint_about(R"({"colour":1})"),
            R"(the body is refused: "colour" is no member of it: send "name", "count", "on")");
}

TEST(JsonMembers, WithAnUnknownNameAreRefusedInOneLine) {
  EXPECT_EQ(complaint_about(R"({"a\nb\"":1})"),
            R"(the body is refused: "a\nb\"" is no member of it: send "name", "count", "on")");
}

TEST(JsonMembers, StandOnce) {
  EXPECT_EQ(complaint_about(R"({"on":true,"on":true})"),
            R"(the body is refused: "on" stands in it more than once)");
  EXPECT_EQ(complaint_about(R"({"on":null,"on":true})"),
            R"(the body is refused: "on" stands in it more than once)");
}

class NoFlatObject : public testing::TestWithParam<const char*> {};

TEST_P(NoFlatObject, IsRefused) {
  EXPECT_NE(complaint_about(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(Rows, NoFlatObject,
                         testing::Values("", "null", "1", "\"name\"", "[]", "{", "{} {}", "{}x",
                                         R"({"name":{}})", R"({"name":[]})", R"({"name":"a",})",
                                         R"({name:"a"})", "{\"name\":\"\xff\"}", "/**/{}"));

}  // namespace
}  // namespace fuota::server::api
