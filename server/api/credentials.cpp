#include "server/api/credentials.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace fuota::server::api {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr int kNoDigit = -1;

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::array<int, 256> base64_digits() {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
  }
  return values;
}

/// RFC 4648 section 4, with its padding or without; nothing when `text` is not that.
std::optional<std::string> decode_base64(std::string_view text) {
  static constexpr auto kValues = base64_digits();
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string decoded;
  decoded.reserve(3 * (text.size() / 4 + 1));
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded += static_cast<char>((bits >> count) & 0xff);
  }
  return decoded;
}

/// Where the colon between name and secret stands: before a token it is the last one.
std::size_t find_separator(std::string_view user_pass) {
  if (user_pass.size() > kTokenBytes) {
    const std::size_t at = user_pass.size() - kTokenBytes - 1;
    if (user_pass[at] == ':' && token_kind(user_pass.substr(at + 1))) return at;
  }
  return user_pass.find(':');
}

Credentials malformed() {
  Credentials credentials;
  credentials.kind = Credentials::Kind::malformed;
  return credentials;
}

Credentials named(std::string_view name, std::string_view secret) {
  Credentials credentials;
  credentials.name = name;
  credentials.secret = secret;
  const auto token = token_kind(secret);
  credentials.kind = token ? Credentials::Kind::token : Credentials::Kind::password;
  credentials.token = token.value_or(TokenKind::device);
  return credentials;
}

}  // namespace

Credentials::~Credentials() {
  OPENSSL_cleanse(secret.data(), secret.size());
}

std::optional<std::string_view> of_scheme(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size()) return std::nullopt;
  const bool same = std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                               [](char a, char b) { return a == to_lower(b); });
  if (!same || authorization[scheme.size()] != ' ') return std::nullopt;
  authorization.remove_prefix(scheme.size());
  const std::size_t first = authorization.find_first_not_of(' ');
  if (first == kNone) return std::nullopt;
  return authorization.substr(first);
}

Credentials parse_credentials(std::string_view authorization) {
  if (authorization.empty()) return {};
  if (const auto bearer = of_scheme(authorization, "bearer")) {
    // Only an API token is one by itself: a device must say which it is.
    if (token_kind(*bearer) != TokenKind::api) return malformed();
    return named("", *bearer);
  }
  const auto basic = of_scheme(authorization, "basic");
  if (!basic) return malformed();
  auto user_pass = decode_base64(*basic);
  if (!user_pass) return malformed();
  const std::size_t separator = find_separator(*user_pass);
  if (separator == kNone) return malformed();
  Credentials credentials = named(std::string_view(*user_pass).substr(0, separator),
                                  std::string_view(*user_pass).substr(separator + 1));
  OPENSSL_cleanse(user_pass->data(), user_pass->size());
  return credentials;
}

}  // namespace fuota::server::api
