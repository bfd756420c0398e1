#include "server/api/account_name.hpp"

#include <algorithm>

#include "server/api/password_hash.hpp"

namespace fuota::server::api {
namespace {

constexpr std::string_view kOthers = "._-@";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= kAccountNameBytesMax && is_letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
         });
}

std::string_view account_name_rule() {
  static_assert(kAccountNameBytesMax == 64);
  return "1 to 64 lower-case letters, digits, ., _, - and @, the first a letter or a digit";
}

std::string_view password_rule() {
  static_assert(kPasswordBytesMin == 10 && kPasswordBytesMax == 128);
  return "10 to 128 bytes without control characters";
}

}  // namespace fuota::server::api
