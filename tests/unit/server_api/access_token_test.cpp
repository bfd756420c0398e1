#include "server/api/access_token.hpp"

#include <gtest/gtest.h>

#include "server/storage/sha256.hpp"

namespace fuota::server::api {
namespace {

const std::string kDigits(43, 'A');

struct Row {
  const char* fact;
  std::string text;
  std::optional<TokenKind> kind;
};

class TokenForm : public testing::TestWithParam<Row> {};

TEST_P(TokenForm, SaysTheKind) {
  EXPECT_EQ(token_kind(GetParam().text), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TokenForm,
    testing::Values(Row{"OfADevice", "fud_" + kDigits, TokenKind::device},
                    Row{"OfTheFleet", "fuf_" + kDigits, TokenKind::fleet},
                    Row{"OfAPipeline", "fut_" + kDigits, TokenKind::api},
                    Row{"UnlessThePrefixIsAnother", "fux_" + kDigits, std::nullopt},
                    Row{"UnlessThePrefixIsInUpperCase", "FUD_" + kDigits, std::nullopt},
                    Row{"UnlessItIsShorter", "fud_" + kDigits.substr(1), std::nullopt},
                    Row{"UnlessItIsLonger", "fud_A" + kDigits, std::nullopt},
                    Row{"UnlessADigitIsNone", "fud_+" + kDigits.substr(1), std::nullopt},
                    Row{"UnlessBitsAreLeftOver", "fud_" + kDigits.substr(1) + "B", std::nullopt},
                    Row{"UnlessItIsEmpty", "", std::nullopt}),
    [](const auto& row) { return row.param.fact; });

TEST(AccessToken, IsOfItsKindAndAnotherOneEachTime) {
  for (const auto kind : {TokenKind::device, TokenKind::fleet, TokenKind::api}) {
    const std::string token = make_token(kind);
    EXPECT_EQ(token_kind(token), kind);
    EXPECT_NE(token, make_token(kind));
  }
}

TEST(AccessToken, IsKeptAsTheSha256OfItsText) {
  storage::Sha256 sha256;
  sha256.update("fud_x");
  EXPECT_EQ(digest_of("fud_x"), sha256.finish());
  EXPECT_TRUE(equal_digests(digest_of("fud_x"), digest_of("fud_x")));
  EXPECT_FALSE(equal_digests(digest_of("fud_x"), digest_of("fud_y")));
}

TEST(AccessToken, HasAnIdThatIsNoPartOfIt) {
  EXPECT_EQ(make_id().size(), 16U);
  EXPECT_NE(make_id(), make_id());
}

}  // namespace
}  // namespace fuota::server::api
