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

CheckFacts facts(std::string_view product = "esp32-fuota") {
  CheckFacts facts;
  facts.product = product;
  facts.image.fill(0xA5);
  facts.counter = 7;
  facts.root = 3;
  return facts;
}

std::optional<std::string> native_url(const std::string& host, const std::string& id,
                                      const std::string& version, const CheckFacts& told) {
  char out[kUrlBytesMax];
  if (!write_native_check_url(host.c_str(), 65535, id.c_str(), version.c_str(), told, out)) {
    return std::nullopt;
  }
  return out;
}

std::string repeated(const char* text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(NativeCheckUrl, TellsWhatTheDeviceIs) {
  EXPECT_EQ(native_url("h", "00001", "0.1.0", facts()),
            "https://h:65535/devices/00001?app_ver=0.1.0&product=esp32-fuota&image=" +
                repeated("a5", 32) + "&counter=7&root=3");
}

TEST(NativeCheckUrl, EscapesTheProduct) {
  const auto url = native_url("h", "1", "v", facts("a&b"));
  ASSERT_TRUE(url);
  EXPECT_NE(url->find("&product=a%26b&"), std::string::npos) << *url;
}

TEST(NativeCheckUrl, RefusesAProductThatIsNoName) {
  EXPECT_EQ(native_url("h", "1", "v", facts("")), std::nullopt);
  EXPECT_EQ(native_url("h", "1", "v", facts("a/b")), std::nullopt);
  EXPECT_EQ(native_url("h", "1", "v", facts("a\nb")), std::nullopt);
}

TEST(NativeCheckUrl, OfTheLongestParametersFitsItsBuffer) {
  // Each byte that needs three, up to the limits of every part.
  const std::string product(protocol::kProductBytesMax, ' ');
  CheckFacts told = facts(product);
  told.counter = 4294967295;
  told.root = 4294967295;
  const auto url = native_url(std::string(kHostBytesMax, 'h'), std::string(128, ' '),
                              std::string(128, ' '), told);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->size() + 1, kUrlBytesMax);
}

TEST(ReportsUrl, IsBehindTheDevice) {
  char out[kUrlBytesMax];
  ASSERT_TRUE(write_device_url("host", 443, "a b", "/reports", out));
  EXPECT_STREQ(out, "https://host:443/devices/a%20b/reports");
  EXPECT_FALSE(write_device_url("host", 443, "a/b", "/reports", out));
  EXPECT_FALSE(write_device_url("host", 0, "a", "/reports", out));
}

TEST(RootUrl, NamesTheVersion) {
  char out[kUrlBytesMax];
  ASSERT_TRUE(write_root_url("host", 443, 4294967295, out));
  EXPECT_STREQ(out, "https://host:443/roots/4294967295");
  EXPECT_FALSE(write_root_url("no host", 443, 1, out));
}

std::optional<std::string> offered_url(const std::string& path) {
  char out[kUrlBytesMax];
  if (!write_offered_url("host", 443, path, out)) return std::nullopt;
  return out;
}

TEST(OfferedUrl, IsAPathOnTheServerThatMadeTheOffer) {
  EXPECT_EQ(offered_url("/files/a"), "https://host:443/files/a");
}

TEST(OfferedUrl, KeepsItsEscapes) {
  EXPECT_EQ(offered_url("/files/a%20b%2Fc?v=1"), "https://host:443/files/a%20b%2Fc?v=1");
}

TEST(OfferedUrl, OfTheLongestPathFitsItsBuffer) {
  char out[kUrlBytesMax];
  const std::string path = "/" + std::string(protocol::kArtifactUrlBytesMax - 1, 'a');
  EXPECT_TRUE(write_offered_url(std::string(kHostBytesMax, 'h').c_str(), 65535, path, out));
}

class RefusedOfferedUrl : public testing::TestWithParam<const char*> {};

/// The credentials would go there.
TEST_P(RefusedOfferedUrl, IsRefused) {
  EXPECT_EQ(offered_url(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedOfferedUrl,
                         testing::Values("", "files/a", "//evil.example/a",
                                         "https://evil.example/a", "@evil.example/a", ":443/a",
                                         "/a b", "/a\r\nHost: evil", "/a\\b", "/a#b", "/a\"b",
                                         "\\\\evil.example"));

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
