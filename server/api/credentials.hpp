#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/api/access_token.hpp"

namespace fuota::server::api {

/// What the Authorization field of a request shows.
struct Credentials {
  enum class Kind {
    none,       ///< The field isn't there.
    malformed,  ///< It is of another scheme, or not as its scheme wants it.
    token,      ///< A token of ours: `token`, and `secret` is all of it.
    password,   ///< A name and a password.
  };
  Kind kind = Kind::none;
  TokenKind token = TokenKind::device;
  std::string name;    ///< The user's; empty with "Bearer".
  std::string secret;  ///< Wiped when this is destroyed.

  Credentials() = default;
  Credentials(Credentials&&) noexcept = default;
  Credentials& operator=(Credentials&&) noexcept = default;
  ~Credentials();
};

/// Reads `authorization`, the value of that field: HTTP Basic (RFC 7617), with a password or a
/// token in its place, or "Bearer" (RFC 6750) with an API token. The scheme may stand in any case.
/// A user's name may have colons before a token, which has none itself: device ids do. Before a
/// password it may not.
[[nodiscard]] Credentials parse_credentials(std::string_view authorization);

/// What stands behind the scheme `scheme`, which is in lower case, in `authorization`; nothing when
/// it is of another one (RFC 9110 section 11.4).
[[nodiscard]] std::optional<std::string_view> of_scheme(std::string_view authorization,
                                                        std::string_view scheme);

}  // namespace fuota::server::api
