#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "server/domain/access.hpp"
#include "server/domain/device.hpp"
#include "server/domain/running.hpp"

namespace fuota::server::domain {

/// Who changes something, from where, and when. Goes with every change of the operators' data.
struct Change {
  /// A kind and a name: "user:anna", "token:ci-7", "shared:fuota", "device:00001", "local:root".
  std::string by;
  std::string from;  ///< An address without a port, or "local" for a command on the server itself.
  Time at;

  friend bool operator==(const Change&, const Change&) = default;
};

/// What can be done, and is written down.
enum class AuditAction : std::uint8_t {
  device_put,
  device_remove,
  file_put,
  file_remove,
  manifest_put,
  root_put,
  account_put,
  account_remove,
  token_put,
  token_remove,
  fleet_key_put,
  fleet_key_remove,
  credential_put,
  credential_remove,
  credential_block,
  credential_unblock,
  credential_enrol,
  audit_shorten,
};

/// "device.put": the action as it is written. Static storage.
[[nodiscard]] std::string_view name_of(AuditAction action);

/// What a thing that was put is now, for the audit log: "version 0.1.0, file app.bin". No secret.
[[nodiscard]] std::string audit_detail(const Device& device);
[[nodiscard]] std::string audit_detail(const Account& created);
[[nodiscard]] std::string audit_detail(const ApiToken& token);
[[nodiscard]] std::string audit_detail(const FleetKey& key);

/// What becomes of an account: "role viewer -> admin, password set". Empty when nothing does.
[[nodiscard]] std::string audit_detail(const Account& before, const AccountChange& wanted);

/// What an audit_shorten has done: "removed 17 entries from before 2026-11-24T00:00:00Z".
[[nodiscard]] std::string shortened_detail(std::size_t removed, Time kept_from);

/// A line of the audit log.
struct AuditEntry {
  /// Counts the entries from 1 on, without a gap; the oldest ones may have been removed.
  std::uint64_t number = 0;
  Change change;
  std::string action;  ///< The name of an AuditAction.
  std::string object;  ///< What was changed: a device's id, a file's name, …
  std::string detail;  ///< What it is now or what became of it, for a person. No secret.

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

/// Which entries are asked for: those with numbers below `before`, the newest first.
struct AuditQuery {
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  std::size_t count_max = 100;
  std::string by_prefix;      ///< Of Change::by; empty: anybody.
  std::string action_prefix;  ///< "credential.": all of that kind; empty: all.
};

}  // namespace fuota::server::domain
