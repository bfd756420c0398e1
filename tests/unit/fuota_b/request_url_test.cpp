#include "request_url.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace fuota::update {
namespace {

std::optional<std::string> check_url(const std::string& host, std::uint16_t port,
                                     const std::string& id, const std::string& version) {
  char out[kUrlBytesMax];
  if (!write_check_url(host.c_str(), port, id.c_str(), version.c_str(), out)) return std::nullopt;
  return out;
}

std::optional<std::string> file_url(const std::string& name) {
  char out[kUrlBytesMax];
  if (!write_file_url("host", 443, name.c_str(), out)) return std::nullopt;
  return out;
}

TEST(CheckUrl, IsThatOfTheCompatibleApi) {
  EXPECT_EQ(check_url("192.168.1.41", 50000, "00001", "0.1.0"),
            "https://192.168.1.41:50000/devices/00001?app_ver=0.1.0");
}

TEST(CheckUrl, EscapesWhatWouldBreakTheRequest) {
  EXPECT_EQ(check_url("h", 1, "a&b#c d", "esp-idf: v4.4.3 6407ecb3f8+x"),
            "https://h:1/devices/a%26b%23c%20d?app_ver=esp-idf%3A%20v4.4.3%206407ecb3f8%2Bx");
}

TEST(CheckUrl, RefusesParametersThatBreakTheirRules) {
  EXPECT_EQ(check_url("", 1, "id", "v"), std::nullopt);
  EXPECT_EQ(check_url("host/path", 1, "id", "v"), std::nullopt);
  EXPECT_EQ(check_url("user@host", 1, "id", "v"), std::nullopt);
  EXPECT_EQ(check_url(std::string(254, 'h'), 1, "id", "v"), std::nullopt);
  EXPECT_EQ(check_url("host", 0, "id", "v"), std::nullopt);
  EXPECT_EQ(check_url("host", 1, "", "v"), std::nullopt);
  EXPECT_EQ(check_url("host", 1, "a/b", "v"), std::nullopt);
  EXPECT_EQ(check_url("host", 1, "id", "v\r\nX: y"), std::nullopt);
}

TEST(CheckUrl, OfTheLongestParametersFitsItsBuffer) {
  // Each byte that needs three, up to the limits of every part.
  const auto url = check_url(std::string(kHostBytesMax, 'h'), 65535, std::string(128, ' '),
                             std::string(128, ' '));
  ASSERT_TRUE(url);
  EXPECT_EQ(url->size() + 1, kUrlBytesMax);
}

TEST(FileUrl, EscapesTheName) {
  EXPECT_EQ(file_url("esp32-fuota.bin.0.1.1"), "https://host:443/files/esp32-fuota.bin.0.1.1");
  EXPECT_EQ(file_url("a b?c"), "https://host:443/files/a%20b%3Fc");
}

TEST(FileUrl, RefusesANameThatBreaksItsRules) {
  EXPECT_EQ(file_url(".."), std::nullopt);
  EXPECT_EQ(file_url("../secret"), std::nullopt);
  EXPECT_EQ(file_url(""), std::nullopt);
}

TEST(FileUrl, OfTheLongestNameFitsItsBuffer) {
  EXPECT_TRUE(file_url(std::string(protocol::kFileNameBytesMax, ' ')));
}

}  // namespace
}  // namespace fuota::update
