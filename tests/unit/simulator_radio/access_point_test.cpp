#include "simulator/radio/access_point.hpp"

#include <gtest/gtest.h>

namespace simulator::radio {
namespace {

struct PasswordCase {
  const char* name;
  const char* ssid;
  wifi_auth_mode_t authmode;
  const char* own;
  const char* given;
  bool accepted;
};

// The key is the first test vector of IEEE 802.11i, annex H.4.1: "password", "IEEE".
constexpr char kIeeeKey[] = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e";

class Password : public testing::TestWithParam<PasswordCase> {};

TEST_P(Password, IsAcceptedWhenItIsTheSameSecret) {
  const PasswordCase& row = GetParam();
  AccessPoint access_point;
  access_point.ssid = row.ssid;
  access_point.authmode = row.authmode;
  access_point.password = row.own;
  EXPECT_EQ(accepts_password(access_point, row.given), row.accepted);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Password,
    testing::Values(
        PasswordCase{"Same", "IEEE", WIFI_AUTH_WPA2_PSK, "password", "password", true},
        PasswordCase{"Other", "IEEE", WIFI_AUTH_WPA2_PSK, "password", "passwore", false},
        PasswordCase{"None", "IEEE", WIFI_AUTH_WPA2_PSK, "password", "", false},
        PasswordCase{"TooShort", "IEEE", WIFI_AUTH_WPA2_PSK, "short", "short", false},
        PasswordCase{"RawKeyOfPassphrase", "IEEE", WIFI_AUTH_WPA2_PSK, "password", kIeeeKey, true},
        PasswordCase{"PassphraseOfRawKey", "IEEE", WIFI_AUTH_WPA2_PSK, kIeeeKey, "password", true},
        PasswordCase{"RawKeyOfOtherSsid", "XEEE", WIFI_AUTH_WPA2_PSK, "password", kIeeeKey, false},
        PasswordCase{"RawKeyWithWpa3", "IEEE", WIFI_AUTH_WPA3_PSK, "password", kIeeeKey, false},
        PasswordCase{"Wep", "IEEE", WIFI_AUTH_WEP, "12345", "12345", true},
        PasswordCase{"Open", "IEEE", WIFI_AUTH_OPEN, "", "whatever", true}),
    [](const auto& tested) { return tested.param.name; });

// wpa_supplicant of ESP-IDF: 64 hexadecimal digits are the key itself.
TEST(RawKey, IsSixtyFourHexadecimalDigits) {
  EXPECT_TRUE(is_raw_key(kIeeeKey));
  EXPECT_FALSE(is_raw_key(std::string(64, 'g')));
  EXPECT_FALSE(is_raw_key(std::string(63, 'a')));
}

TEST(Strength, IsEqualForPureAndMixedModes) {
  EXPECT_EQ(strength(WIFI_AUTH_WPA2_PSK), strength(WIFI_AUTH_WPA_WPA2_PSK));
  EXPECT_EQ(strength(WIFI_AUTH_WPA3_PSK), strength(WIFI_AUTH_WPA2_WPA3_PSK));
  EXPECT_LT(strength(WIFI_AUTH_OPEN), strength(WIFI_AUTH_WEP));
  EXPECT_LT(strength(WIFI_AUTH_WPA_PSK), strength(WIFI_AUTH_WPA2_PSK));
}

}  // namespace
}  // namespace simulator::radio
