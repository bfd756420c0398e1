#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>
#include <vector>

#include "server/domain/access.hpp"

namespace fuota::server::storage {

/// Accounts, API tokens, fleet keys and the devices' credentials, as a connection that only reads
/// sees them. One thread at a time. Throws SQLite::Exception.
class AccessQueries {
 public:
  /// `database` outlives this object and has its schema prepared.
  explicit AccessQueries(SQLite::Database& database);

  [[nodiscard]] std::optional<domain::Account> account(const std::string& name);
  [[nodiscard]] std::vector<domain::Account> accounts();

  /// Those of all owners for an empty `owner`.
  [[nodiscard]] std::vector<domain::ApiToken> api_tokens(const std::string& owner);
  [[nodiscard]] std::optional<domain::ApiTokenUse> api_token(const domain::SecretDigest& digest);
  [[nodiscard]] std::vector<domain::FleetKey> fleet_keys();
  [[nodiscard]] std::optional<domain::DeviceCredential> device_credential(
      const std::string& device);

 private:
  SQLite::Statement account_;
  SQLite::Statement accounts_;
  SQLite::Statement tokens_;
  SQLite::Statement token_;
  SQLite::Statement keys_;
  SQLite::Statement credential_;
};

}  // namespace fuota::server::storage
