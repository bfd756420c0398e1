#include "server/api/credentials.hpp"

#include <gtest/gtest.h>

#include "tests/support/server/basic_authorization.hpp"

namespace fuota::server::api {
namespace {

using Kind = Credentials::Kind;
using test_support::basic_authorization;

const std::string kDevice = "fud_" + std::string(43, 'A');
const std::string kApi = "fut_" + std::string(43, 'A');

struct Row {
  const char* fact;
  std::string authorization;
  Kind kind;
  std::string name;
  std::string secret;
};

class Authorization : public testing::TestWithParam<Row> {};

TEST_P(Authorization, IsReadAsWhatItShows) {
  const Credentials credentials = parse_credentials(GetParam().authorization);
  EXPECT_EQ(credentials.kind, GetParam().kind);
  EXPECT_EQ(credentials.name, GetParam().name);
  EXPECT_EQ(credentials.secret, GetParam().secret);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Authorization,
    testing::Values(
        Row{"Nothing", "", Kind::none, "", ""},
        // The example of RFC 7617 section 2.
        Row{"ANameAndAPassword", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", Kind::password, "Aladdin",
            "open sesame"},
        Row{"WithoutPadding", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", Kind::password, "Aladdin",
            "open sesame"},
        Row{"AColonInThePassword", basic_authorization("a", "b:c"), Kind::password, "a", "b:c"},
        Row{"ADevicesToken", basic_authorization("00001", kDevice), Kind::token, "00001", kDevice},
        Row{"AColonInADevicesId", basic_authorization("a1:b2", kDevice), Kind::token, "a1:b2",
            kDevice},
        Row{"AnApiToken", basic_authorization("any", kApi), Kind::token, "any", kApi},
        Row{"AnApiTokenOfABearer", "bearer " + kApi, Kind::token, "", kApi},
        Row{"ADevicesTokenOfABearer", "Bearer " + kDevice, Kind::malformed, "", ""},
        Row{"SomethingElseOfABearer", "Bearer password", Kind::malformed, "", ""},
        Row{"NoColon", "Basic QWxhZGRpbg==", Kind::malformed, "", ""},
        Row{"NoBase64", "Basic Aladdin:open sesame", Kind::malformed, "", ""},
        Row{"ALoneBase64Digit", "Basic QWxhZ", Kind::malformed, "", ""},
        Row{"TooMuchPadding", "Basic QWxhZGRpbjpv===", Kind::malformed, "", ""},
        Row{"AnotherScheme", "Digest QWxhZGRpbjpvcGVuIHNlc2FtZQ==", Kind::malformed, "", ""},
        Row{"TheSchemeAlone", "Basic", Kind::malformed, "", ""},
        Row{"OnlyABlank", "Basic ", Kind::malformed, "", ""}),
    [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::api
