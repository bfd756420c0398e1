#pragma once

#include <string_view>

namespace fuota::server::api {

constexpr std::size_t kAccountNameBytesMax = 64;

/// Whether `name` may be an account's: 1 to kAccountNameBytesMax lower-case letters, digits, '.',
/// '_', '-' and '@', the first a letter or a digit. No two such names look alike, and none has a
/// colon, which HTTP Basic can't carry. Pure.
[[nodiscard]] bool is_account_name(std::string_view name);

/// The rule in words, to stand behind "use".
[[nodiscard]] std::string_view account_name_rule();

/// The rule for passwords in words, to stand behind "use".
[[nodiscard]] std::string_view password_rule();

}  // namespace fuota::server::api
