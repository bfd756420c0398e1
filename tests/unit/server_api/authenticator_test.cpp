#include "server/api/authenticator.hpp"

#include <gtest/gtest.h>

namespace fuota::server::api {
namespace {

struct Row {
  const char* fact;
  std::string_view authorization;
  bool recognised;
};

class Recognise : public testing::TestWithParam<Row> {};

TEST_P(Recognise, KnowsTheOneUser) {
  // The example of RFC 7617 section 2.
  const Authenticator authenticator("Aladdin", "open sesame");
  const auto user = authenticator.recognise(GetParam().authorization);
  EXPECT_EQ(user.has_value(), GetParam().recognised);
  if (user) {
    EXPECT_EQ(*user, "Aladdin");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Recognise,
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

TEST(Authenticator, TakesAColonInThePassword) {
  const Authenticator authenticator("a", "b:c");
  EXPECT_TRUE(authenticator.recognise("Basic YTpiOmM=").has_value());
}

}  // namespace
}  // namespace fuota::server::api
