#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fuota::server::api {

/// What a new password must be: long enough, and not so long that hashing it costs more.
constexpr std::size_t kPasswordBytesMin = 10;
constexpr std::size_t kPasswordBytesMax = 128;

/// The costs of a hash: Argon2id (RFC 9106) with two passes over 64 MiB and one lane, libsodium's
/// "interactive" ones, and more than what OWASP asks for at least (19 MiB, two passes).
/// docs/accounts.md has the time that it takes.
constexpr unsigned long long kHashPasses = 2;
constexpr std::size_t kHashMemoryBytes = std::size_t{64} * 1024 * 1024;

/// Whether `password` may be one: kPasswordBytesMin to kPasswordBytesMax bytes, no control
/// characters. Pure.
[[nodiscard]] bool is_acceptable_password(std::string_view password);

/// The hash of `password` with a new salt, as libsodium writes it: "$argon2id$v=19$m=65536,…".
/// Takes kHashMemoryBytes and some 60 ms of one core. Throws std::bad_alloc for want of memory.
[[nodiscard]] std::string hash_password(std::string_view password);

enum class PasswordVerdict : std::uint8_t {
  right,
  wrong,
  busy,    ///< Too many wait to be verified.
  failed,  ///< There was no memory to verify it.
};

/// Whether `hash`, which `hash_password` wrote, is of `password`: `right`, `wrong`, also when the
/// hash is none; `failed`. Costs as much as making the hash did.
[[nodiscard]] PasswordVerdict verify_password(const std::string& hash, std::string_view password);

/// The hash of a password that nobody has, for accounts that don't exist: verifying against it
/// costs the same. Static storage.
[[nodiscard]] std::string_view nobodys_hash();

}  // namespace fuota::server::api
