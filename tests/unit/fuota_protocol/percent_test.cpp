#include "fuota_protocol/percent.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace fuota::protocol {
namespace {

std::optional<std::string> decoded(std::string_view text, std::size_t room = 64) {
  std::string out(room, '?');
  const auto bytes = percent_decode(text, out.data(), out.size());
  if (!bytes) return std::nullopt;
  return out.substr(0, *bytes);
}

std::optional<std::string> encoded(std::string_view text, std::size_t room = 64) {
  std::string out(room, '?');
  const auto bytes = percent_encode(text, out.data(), out.size());
  if (!bytes) return std::nullopt;
  return out.substr(0, *bytes);
}

TEST(PercentDecoding, ReplacesEscapesInEitherCase) {
  EXPECT_EQ(decoded("a%2Fb%2fc"), "a/b/c");
}

TEST(PercentDecoding, LeavesPlusAlone) {
  EXPECT_EQ(decoded("1.0+3"), "1.0+3");
}

TEST(PercentDecoding, RefusesMalformedEscapes) {
  for (const char* text : {"%", "%2", "a%", "%GG", "%2G", "%%41"}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
}

TEST(PercentDecoding, StopsAtTheEndOfTheBuffer) {
  EXPECT_EQ(decoded("abc", 3), "abc");
  EXPECT_EQ(decoded("abcd", 3), std::nullopt);
}

TEST(PercentDecoding, WorksInPlace) {
  std::string text = "%41%42C";
  const auto bytes = percent_decode(text, text.data(), text.size());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(text.substr(0, *bytes), "ABC");
}

TEST(PercentEncoding, KeepsUnreservedCharactersOnly) {
  EXPECT_EQ(encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(encoded("a b&c=d/e?f#g+h:%"), "a%20b%26c%3Dd%2Fe%3Ff%23g%2Bh%3A%25");
}

TEST(PercentEncoding, RefusesWhatDoesNotFit) {
  EXPECT_EQ(encoded("a/", 4), "a%2F");
  EXPECT_EQ(encoded("a/", 3), std::nullopt);
}

TEST(PercentEncoding, IsUndoneByDecodingForEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto escaped = encoded(all, 1024);
  ASSERT_TRUE(escaped);
  EXPECT_EQ(decoded(*escaped, 256), all);
}

}  // namespace
}  // namespace fuota::protocol
