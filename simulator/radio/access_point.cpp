#include "simulator/radio/access_point.hpp"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace simulator::radio {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kPassphraseCharsMin = 8;
constexpr unsigned kKeyIterations = 4096;

using Key = std::array<unsigned char, kKeyBytes>;

int digit_value(char digit) {
  if (digit <= '9') return digit - '0';
  return std::tolower(static_cast<unsigned char>(digit)) - 'a' + 10;
}

Key parse_key(std::string_view digits) {
  Key key{};
  for (std::size_t i = 0; i < kKeyBytes; ++i) {
    key[i] = static_cast<unsigned char>(digit_value(digits[2 * i]) * 16 +
                                        digit_value(digits[2 * i + 1]));
  }
  return key;
}

Key derive_key(std::string_view passphrase, std::string_view ssid) {
  Key key{};
  mbedtls_md_context_t context;
  mbedtls_md_init(&context);
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  int failure = mbedtls_md_setup(&context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), 1);
  if (failure == 0) {
    failure = mbedtls_pkcs5_pbkdf2_hmac(&context, bytes(passphrase), passphrase.size(), bytes(ssid),
                                        ssid.size(), kKeyIterations, key.size(), key.data());
  }
  mbedtls_md_free(&context);
  if (failure != 0) throw std::runtime_error("mbedtls_pkcs5_pbkdf2_hmac failed");
  return key;
}

Key key_of(std::string_view password, std::string_view ssid) {
  return is_raw_key(password) ? parse_key(password) : derive_key(password, ssid);
}

}  // namespace

bool is_raw_key(std::string_view password) {
  return password.size() == 2 * kKeyBytes &&
         std::all_of(password.begin(), password.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

bool accepts_password(const AccessPoint& access_point, std::string_view password) {
  if (access_point.authmode == WIFI_AUTH_OPEN) return true;
  const std::string_view own = access_point.password;
  if (access_point.authmode == WIFI_AUTH_WEP) return password == own;
  if (password.size() < kPassphraseCharsMin) return false;
  if (password.size() >= 2 * kKeyBytes && !is_raw_key(password)) return false;
  const bool same_form = is_raw_key(password) == is_raw_key(own);
  if (same_form && !is_raw_key(own)) return password == own;
  if (access_point.authmode == WIFI_AUTH_WPA3_PSK) return false;
  return key_of(password, access_point.ssid) == key_of(own, access_point.ssid);
}

int strength(wifi_auth_mode_t authmode) {
  switch (authmode) {
    case WIFI_AUTH_OPEN:
      return 0;
    case WIFI_AUTH_WEP:
      return 1;
    case WIFI_AUTH_WPA_PSK:
      return 2;
    case WIFI_AUTH_WPA2_PSK:
    case WIFI_AUTH_WPA_WPA2_PSK:
      return 3;
    case WIFI_AUTH_WAPI_PSK:
      return 4;
    case WIFI_AUTH_WPA3_PSK:
    case WIFI_AUTH_WPA2_WPA3_PSK:
      return 5;
    case WIFI_AUTH_WPA2_ENTERPRISE:
      return 6;
  }
  return 0;
}

}  // namespace simulator::radio
