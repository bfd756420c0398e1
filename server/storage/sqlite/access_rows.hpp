#pragma once

#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string_view>

#include "server/domain/access.hpp"

namespace fuota::server::storage {

/// The columns that the functions below read, in their order, for a SELECT.
constexpr std::string_view kAccountColumns = "name, role, password_hash, created";
constexpr std::string_view kApiTokenColumns = "id, owner, label, role, digest, created, expires";
constexpr std::string_view kFleetKeyColumns =
    "id, label, digest, created, expires, enrolments, enrolments_max";
constexpr std::string_view kDeviceCredentialColumns = "digest, blocked, changed";

/// What stands in the current row of a statement that selects these columns.
[[nodiscard]] domain::Account account_row(SQLite::Statement& statement);
[[nodiscard]] domain::ApiToken api_token_row(SQLite::Statement& statement);
[[nodiscard]] domain::FleetKey fleet_key_row(SQLite::Statement& statement);
[[nodiscard]] domain::DeviceCredential device_credential_row(SQLite::Statement& statement);

/// The role in column `index`, which the schema limits to those that there are.
[[nodiscard]] domain::Role role_column(SQLite::Statement& statement, int index);

/// Binds a time, or NULL for none.
void bind_optional_time(SQLite::Statement& statement, int index,
                        const std::optional<domain::Time>& time);

}  // namespace fuota::server::storage
