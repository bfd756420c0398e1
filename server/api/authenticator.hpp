#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace fuota::server::api {

/// Knows one user and password, and recognises them in a request (HTTP Basic, RFC 7617).
class Authenticator {
 public:
  /// `username` has no colon; both are UTF-8.
  Authenticator(std::string username, std::string_view password);

  /// The user whose credentials `authorization`, the value of that field, holds, or nothing. Takes
  /// the same time wherever wrong credentials begin to differ from the right ones.
  [[nodiscard]] std::optional<std::string> recognise(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(std::string_view text);

  std::string username_;
  Digest expected_;
};

}  // namespace fuota::server::api
