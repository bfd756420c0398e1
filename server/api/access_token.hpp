#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/access.hpp"

namespace fuota::server::api {

/// What a token lets its holder be. Its first characters say so, so that a token that was found
/// somewhere can be told from anything else, and be searched for.
enum class TokenKind : std::uint8_t {
  device,  ///< "fud_…": one device.
  fleet,   ///< "fuf_…": a device that enrols. Called a fleet key.
  api,     ///< "fut_…": a pipeline of an account.
};

/// "fu?_", and 256 bits in base64url.
constexpr std::size_t kTokenPrefixBytes = 4;
constexpr std::size_t kTokenBytes = kTokenPrefixBytes + 43;

/// The kind of token that `text` is by its form; nothing when it is none. Pure, no allocation.
[[nodiscard]] std::optional<TokenKind> token_kind(std::string_view text);

/// A new token of `kind`, from the operating system's random numbers. Throws std::bad_alloc when
/// there are none.
[[nodiscard]] std::string make_token(TokenKind kind);

/// What the server keeps of a token: its SHA-256. No allocation. Throws std::bad_alloc for want of
/// memory.
[[nodiscard]] domain::SecretDigest digest_of(std::string_view token);

/// Whether two digests are equal, in a time that doesn't tell where they begin to differ.
[[nodiscard]] bool equal_digests(const domain::SecretDigest& a, const domain::SecretDigest& b);

/// A name for something that needs one and is no secret: 16 random hexadecimal digits.
[[nodiscard]] std::string make_id();

}  // namespace fuota::server::api
