#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/access.hpp"

namespace fuota::server::api {

/// What the user may do whose name and password all devices and operators share.
enum class SharedUserScope : std::uint8_t {
  full,     ///< Everything, as ever.
  devices,  ///< What a device may, for any device.
  off,      ///< Nothing: it doesn't exist.
};

/// "devices": the scope as it is written. Static storage.
[[nodiscard]] std::string_view name_of(SharedUserScope scope);

/// The scope that is written so, or nothing.
[[nodiscard]] std::optional<SharedUserScope> parse_shared_user_scope(std::string_view name);

/// Knows one user and password, and recognises them in a request (HTTP Basic, RFC 7617).
class SharedUser {
 public:
  /// `username` has no colon; both are UTF-8. With `off`, nobody is recognised.
  SharedUser(std::string username, std::string_view password,
             SharedUserScope scope = SharedUserScope::full);

  /// Whether `authorization`, the value of that field, holds the user's credentials. Takes the same
  /// time wherever wrong credentials begin to differ from the right ones. No allocation.
  [[nodiscard]] bool recognise(std::string_view authorization) const;

  [[nodiscard]] const std::string& name() const { return username_; }
  [[nodiscard]] SharedUserScope scope() const { return scope_; }

 private:
  std::string username_;
  domain::SecretDigest expected_;
  SharedUserScope scope_;
};

}  // namespace fuota::server::api
