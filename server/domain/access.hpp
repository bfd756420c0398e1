#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/content_digest.hpp"
#include "server/domain/running.hpp"

namespace fuota::server::domain {

/// What an operator may do. Each role may do all that the ones before it may.
enum class Role : std::uint8_t {
  viewer = 1,  ///< Read all but secrets.
  publisher,   ///< And put and remove files and manifests.
  // NOLINTNEXTLINE(readability-identifier-naming): the word itself is a keyword.
  operator_,  ///< And device rows and the credentials of devices.
  admin,      ///< And accounts, fleet keys and root documents; and read the audit log.
};

/// "operator": the role as it is written. Static storage.
[[nodiscard]] std::string_view name_of(Role role);

/// The role that is written so, or nothing.
[[nodiscard]] std::optional<Role> parse_role(std::string_view name);

/// Whether who has the role `held` may do what asks for `needed`.
[[nodiscard]] constexpr bool covers(Role held, Role needed) {
  return held >= needed;
}

/// The SHA-256 of a token. A token has 256 random bits: nobody finds it from its digest, however
/// fast the hash is.
using SecretDigest = ContentDigest;

/// A person who operates the fleet.
struct Account {
  std::string name;
  Role role = Role::viewer;
  std::string password_hash;  ///< The text of a hash made to be slow, salt and costs included.
  Time created;

  friend bool operator==(const Account&, const Account&) = default;
};

/// What shall become of an account that is there; what is missing stays as it is.
struct AccountChange {
  std::optional<Role> role;
  std::optional<std::string> password_hash;

  /// The SHA-256 of the hash of the password that was shown for this: only while the account has
  /// that password it is changed.
  std::optional<SecretDigest> shown;
};

/// What a pipeline shows in place of a password.
struct ApiToken {
  std::string id;     ///< Names the token, and is no secret.
  std::string owner;  ///< The account that it belongs to, and goes with.
  std::string label;  ///< What the owner calls it.
  Role role = Role::viewer;
  SecretDigest digest{};
  Time created;
  std::optional<Time> expires;  ///< From this second on it is worth nothing.

  friend bool operator==(const ApiToken&, const ApiToken&) = default;
};

/// An API token that was shown, and what its owner may do now.
struct ApiTokenUse {
  ApiToken token;
  Role owner_role = Role::viewer;
};

/// What lets devices enrol.
struct FleetKey {
  std::string id;
  std::string label;
  SecretDigest digest{};
  Time created;
  std::optional<Time> expires;  ///< From this second on it is worth nothing.
  std::uint64_t enrolments = 0;
  std::optional<std::uint64_t> enrolments_max;

  friend bool operator==(const FleetKey&, const FleetKey&) = default;
};

/// Whether the key lets a device enrol at `now`.
[[nodiscard]] bool is_usable(const FleetKey& key, Time now);

/// What a device proves itself with.
struct DeviceCredential {
  std::optional<SecretDigest> digest;  ///< Of its token; nothing when it has none.
  bool blocked = false;                ///< Nothing that the device shows counts.
  Time changed;

  friend bool operator==(const DeviceCredential&, const DeviceCredential&) = default;
};

}  // namespace fuota::server::domain
