#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/principal.hpp"
#include "server/domain/access.hpp"
#include "server/domain/audit.hpp"

/// What the management API tells of accounts, tokens and changes, as JSON that ends with LF
/// (docs/protocol.md, "Accounts and credentials"). No secret is in any of it but in those that say
/// so.
namespace fuota::server::api {

[[nodiscard]] std::string to_json(const domain::Account& account);
[[nodiscard]] std::string to_json(const std::vector<domain::Account>& accounts);
[[nodiscard]] std::string to_json(const std::vector<domain::ApiToken>& tokens);
[[nodiscard]] std::string to_json(const std::vector<domain::FleetKey>& keys);
[[nodiscard]] std::string to_json(const Principal& principal);

/// A token or key that was just made, with `secret`, which is told this once.
[[nodiscard]] std::string to_json(const domain::ApiToken& token, std::string_view secret);
[[nodiscard]] std::string to_json(const domain::FleetKey& key, std::string_view secret);

/// What device `id` proves itself with; with `secret`, its new token, if the server made it.
[[nodiscard]] std::string to_json(std::string_view id,
                                  const std::optional<domain::DeviceCredential>& credential,
                                  std::string_view secret = {});

/// A page of the audit log; `has_more` says whether there are older entries.
[[nodiscard]] std::string to_json(const std::vector<domain::AuditEntry>& entries, bool has_more);

}  // namespace fuota::server::api
