#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/access.hpp"

namespace fuota::server::api {

enum class PrincipalKind : std::uint8_t {
  shared,     ///< The one user of all, by password.
  device,     ///< A device, by its own token or its client certificate.
  fleet_key,  ///< A device that enrols.
  account,    ///< A person, by password.
  api_token,  ///< A pipeline.
};

/// "api_token": the kind as it is written. Static storage.
[[nodiscard]] std::string_view name_of(PrincipalKind kind);

/// Who asks, as far as it was proved.
struct Principal {
  PrincipalKind kind = PrincipalKind::shared;

  /// The shared user, the device's id, the account's name, the token's or the fleet key's id.
  std::string name;

  /// What it may do as an operator; nothing when it is none.
  std::optional<domain::Role> role;

  std::string owner;  ///< The account of an account or API token.

  /// Of a fleet key or API token; of a device's token, if it showed one; of the hash of an
  /// account's password.
  domain::SecretDigest secret{};
  bool by_certificate = false;  ///< A device that showed a client certificate.
};

/// "user:anna": who it is in the audit log (domain::Change::by).
[[nodiscard]] std::string audit_name_of(const Principal& principal);

}  // namespace fuota::server::api
