#include "fuota_protocol/public_key.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/fuota_protocol/release_fixture.hpp"

namespace fuota::protocol {
namespace {

// The key of RFC 7515 appendix A.3.1.
constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

std::string decoded(std::string_view text) {
  std::string bytes(kCoordinateBytes, '\0');
  EXPECT_EQ(base64url_decode(text, bytes.data(), bytes.size()), kCoordinateBytes);
  return bytes;
}

std::string key_line() {
  return base64url(decoded(kX) + decoded(kY));
}

TEST(PublicKey, IsOneLineOf86Characters) {
  const auto key = parse_public_key(key_line());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->point[0], 0x7F);
  EXPECT_EQ(key->point[kCoordinateBytes], 0xC7);
  std::string written(kPublicKeyTextBytes, '?');
  format_public_key(*key, written.data());
  EXPECT_EQ(written, key_line());
  EXPECT_EQ(written.size(), 86U);
}

TEST(PublicKey, IsNothingElse) {
  for (const std::string& text : {std::string(), key_line() + "A", key_line().substr(1),
                                  key_line() + "\n", key_line() + "=="}) {
    EXPECT_FALSE(parse_public_key(text)) << text;
  }
}

TEST(KeyId, IsTheThumbprintOfTheJwk) {
  // Computed with another library from the members that RFC 7638 section 3.2 names.
  const auto key = parse_public_key(key_line());
  ASSERT_TRUE(key);
  EXPECT_EQ(key_id_of(*key, openssl_sha256).view(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

TEST(KeyId, IsEmptyWhenTheLibraryFails) {
  const auto fails = [](const void*, std::size_t, Sha256&) { return false; };
  EXPECT_TRUE(key_id_of(PublicKey{}, fails).empty());
}

}  // namespace
}  // namespace fuota::protocol
