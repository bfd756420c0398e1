#include "server/api/shared_user.hpp"

#include <gtest/gtest.h>

namespace fuota::server::api {
namespace {

struct Row {
  const char* fact;
  std::string_view authorization;
  bool recognised;
};

class SharedUserRows : public testing::TestWithParam<Row> {};

TEST_P(SharedUserRows, KnowTheOneUser) {
  // The example of RFC 7617 section 2.
  const SharedUser user("Aladdin", "open sesame");
  EXPECT_EQ(user.recognise(GetParam().authorization), GetParam().recognised);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SharedUserRows,
    testing::Values(Row{"TheRightCredentials", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true},
                    Row{"TheSchemeInAnotherCase", "bASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true},
                    Row{"MoreBlanks", "Basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true},
                    Row{"AnotherPassword", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZg==", false},
                    Row{"AnotherUser", "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
                    Row{"APrefix", "Basic QWxhZGRpbjpvcGVuIHNlc2Ft", false},
                    Row{"MoreBehindIt", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==x", false},
                    Row{"NoPassword", "Basic QWxhZGRpbg==", false},
                    Row{"AnEmptyPassword", "Basic QWxhZGRpbjo=", false},
                    Row{"PlainText", "Basic Aladdin:open sesame", false},
                    Row{"AnotherScheme", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
                    Row{"NoScheme", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
                    Row{"NoBlank", "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
                    Row{"TheSchemeAlone", "Basic", false}, Row{"OnlyABlank", "Basic ", false},
                    Row{"Nothing", "", false}),
    [](const auto& row) { return row.param.fact; });

TEST(SharedUser, TakesAColonInThePassword) {
  EXPECT_TRUE(SharedUser("a", "b:c").recognise("Basic YTpiOmM="));
}

TEST(SharedUser, IsNobodyWhenItIsOff) {
  EXPECT_FALSE(SharedUser("a", "b:c", SharedUserScope::off).recognise("Basic YTpiOmM="));
}

TEST(SharedUser, HasScopesThatAreReadAsTheyAreWritten) {
  for (const auto scope : {SharedUserScope::full, SharedUserScope::devices, SharedUserScope::off}) {
    EXPECT_EQ(parse_shared_user_scope(name_of(scope)), scope);
  }
  EXPECT_FALSE(parse_shared_user_scope("Full").has_value());
}

}  // namespace
}  // namespace fuota::server::api
