#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/api/principal.hpp"
#include "server/domain/access.hpp"

namespace fuota::server::app {

/// What a device may do on a route.
enum class DeviceScope : std::uint8_t {
  nothing,
  own,       ///< Where the path names the device itself.
  own_file,  ///< Where the path names the file that the device's row names.
  any,       ///< Whatever the path names.
};

/// Who may use a route.
struct Permission {
  std::string_view method;
  std::string_view pattern;

  /// The least role of an account or a token; nothing: no role is enough.
  std::optional<domain::Role> role;

  DeviceScope device = DeviceScope::nothing;
  bool fleet_key = false;

  /// An account that shows its password may use it where the path names the account itself,
  /// whatever its role.
  bool own_account = false;
};

/// All routes, each once (docs/accounts.md has the table for people). The shared user may do what
/// any device may, for every device; with `--shared-user full` what an admin may, too.
[[nodiscard]] std::span<const Permission> permissions();

/// The row of a route. The route exists.
[[nodiscard]] const Permission& permission_of(std::string_view method, std::string_view pattern);

enum class Verdict : std::uint8_t {
  allowed,
  forbidden,
  own_file_only,  ///< Allowed if the device's row names the file, which only the store knows.
};

/// Whether `principal` may use the route of `permission` where its path names `argument`, which is
/// still percent-encoded. Pure.
[[nodiscard]] Verdict decide(const Permission& permission, const api::Principal& principal,
                             std::string_view argument);

}  // namespace fuota::server::app
