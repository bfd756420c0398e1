#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>

#include "server/domain/access.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/sqlite/audit_table.hpp"

namespace fuota::server::storage {

/// Accounts, API tokens, fleet keys and the devices' credentials, as the connection that changes
/// them sees them: the calls of the Store of these names, each with its line in the audit log. What
/// they do becomes durable with the caller's transaction; what a failed one has done is undone by
/// the caller. Throws SQLite::Exception.
class AccessTables {
 public:
  /// Both outlive this object; `database` has its schema prepared.
  AccessTables(SQLite::Database& database, AuditTable& audit);

  [[nodiscard]] Result<void> create_account(const domain::Account& account,
                                            const domain::Change& change);
  [[nodiscard]] Result<void> change_account(const std::string& name,
                                            const domain::AccountChange& wanted,
                                            const domain::Change& change);
  [[nodiscard]] Result<void> remove_account(const std::string& name, const domain::Change& change);
  [[nodiscard]] Result<void> put_api_token(const domain::ApiToken& token,
                                           const domain::Change& change);
  [[nodiscard]] Result<void> remove_api_token(const std::string& id, const domain::Change& change);
  [[nodiscard]] Result<void> put_fleet_key(const domain::FleetKey& key,
                                           const domain::Change& change);
  [[nodiscard]] Result<void> remove_fleet_key(const std::string& id, const domain::Change& change);
  [[nodiscard]] Result<void> enrol(const std::string& device, const domain::SecretDigest& token,
                                   const domain::SecretDigest& fleet_key,
                                   const domain::Change& change);
  [[nodiscard]] Result<void> put_device_credential(const std::string& device,
                                                   const domain::SecretDigest& token,
                                                   const domain::Change& change);
  [[nodiscard]] Result<void> remove_device_credential(const std::string& device,
                                                      const domain::Change& change);
  [[nodiscard]] Result<void> block_device(const std::string& device, bool blocked,
                                          const domain::Change& change);

 private:
  [[nodiscard]] std::optional<domain::Account> account_of(const std::string& name);
  [[nodiscard]] std::optional<domain::FleetKey> key_of(const domain::SecretDigest& digest);
  [[nodiscard]] std::optional<domain::DeviceCredential> credential_of(const std::string& device);
  void store_credential(const std::string& device, const domain::DeviceCredential& credential);
  void forget_credential(const std::string& device);

  AuditTable& audit_;
  SQLite::Statement create_account_;
  SQLite::Statement change_account_;
  SQLite::Statement account_of_;
  SQLite::Statement remove_account_;
  SQLite::Statement remove_tokens_of_;
  SQLite::Statement put_token_;
  SQLite::Statement remove_token_;
  SQLite::Statement put_key_;
  SQLite::Statement remove_key_;
  SQLite::Statement key_of_;
  SQLite::Statement count_enrolment_;
  SQLite::Statement credential_of_;
  SQLite::Statement store_credential_;
  SQLite::Statement forget_credential_;
};

}  // namespace fuota::server::storage
