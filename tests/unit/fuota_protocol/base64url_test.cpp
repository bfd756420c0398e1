#include "fuota_protocol/base64url.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace fuota::protocol {
namespace {

std::optional<std::string> decoded(std::string_view text, std::size_t room = 64) {
  std::string out(room, '?');
  const auto bytes = base64url_decode(text, out.data(), out.size());
  if (!bytes) return std::nullopt;
  return out.substr(0, *bytes);
}

std::string encoded(std::string_view bytes) {
  std::string out(base64url_size(bytes.size()), '?');
  out.resize(base64url_encode(bytes.data(), bytes.size(), out.data()));
  return out;
}

struct Pair {
  std::string bytes;
  std::string text;
};

class Base64url : public testing::TestWithParam<Pair> {};

TEST_P(Base64url, IsWritten) {
  EXPECT_EQ(encoded(GetParam().bytes), GetParam().text);
}

TEST_P(Base64url, IsRead) {
  EXPECT_EQ(decoded(GetParam().text), GetParam().bytes);
}

// RFC 4648 section 10 without padding, and RFC 7515 appendix C.
INSTANTIATE_TEST_SUITE_P(Rows, Base64url,
                         testing::Values(Pair{"", ""}, Pair{"f", "Zg"}, Pair{"fo", "Zm8"},
                                         Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg"},
                                         Pair{"fooba", "Zm9vYmE"}, Pair{"foobar", "Zm9vYmFy"},
                                         Pair{"\x03\xEC\xFF\xE0\xC1", "A-z_4ME"}));

TEST(Base64urlText, ThatTheEncoderDoesNotWriteIsRefused) {
  for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm8 ", "Zm\n8", "A+z/4ME",
                           "Zm9v.", "Zm9v\xC3\xBC"}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
}

TEST(Base64urlText, StopsAtTheEndOfTheBuffer) {
  EXPECT_EQ(decoded("Zm9v", 3), "foo");
  EXPECT_EQ(decoded("Zm9vYg", 3), std::nullopt);
}

}  // namespace
}  // namespace fuota::protocol
