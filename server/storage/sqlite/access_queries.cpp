#include "server/storage/sqlite/access_queries.hpp"

#include "server/storage/sqlite/access_rows.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

template <typename Row>
std::vector<Row> all_rows(SQLite::Statement& statement, Row (*row)(SQLite::Statement&)) {
  std::vector<Row> rows;
  while (statement.executeStep()) rows.push_back(row(statement));
  return rows;
}

}  // namespace

AccessQueries::AccessQueries(SQLite::Database& database)
    : account_(database, "SELECT " + std::string(kAccountColumns) + " FROM account WHERE name = ?"),
      accounts_(database, "SELECT " + std::string(kAccountColumns) + " FROM account ORDER BY name"),
      tokens_(database, "SELECT " + std::string(kApiTokenColumns) +
                            " FROM api_token WHERE ?1 = '' OR owner = ?1 ORDER BY id"),
      // A token's role is in its own row, and behind it that of its owner.
      token_(database,
             "SELECT api_token.id, api_token.owner, api_token.label, api_token.role,"
             " api_token.digest, api_token.created, api_token.expires, account.role"
             " FROM api_token JOIN account ON account.name = api_token.owner"
             " WHERE api_token.digest = ?"),
      keys_(database, "SELECT " + std::string(kFleetKeyColumns) + " FROM fleet_key ORDER BY id"),
      credential_(database, "SELECT " + std::string(kDeviceCredentialColumns) +
                                " FROM device_credential WHERE device = ?") {}

std::optional<domain::Account> AccessQueries::account(const std::string& name) {
  const StatementScope scope(account_);
  account_.bindNoCopy(1, name);
  if (!account_.executeStep()) return std::nullopt;
  return account_row(account_);
}

std::vector<domain::Account> AccessQueries::accounts() {
  const StatementScope scope(accounts_);
  return all_rows(accounts_, account_row);
}

std::vector<domain::ApiToken> AccessQueries::api_tokens(const std::string& owner) {
  const StatementScope scope(tokens_);
  tokens_.bindNoCopy(1, owner);
  return all_rows(tokens_, api_token_row);
}

std::optional<domain::ApiTokenUse> AccessQueries::api_token(const domain::SecretDigest& digest) {
  constexpr int kOwnerRole = 7;
  const StatementScope scope(token_);
  bind_digest(token_, 1, digest);
  if (!token_.executeStep()) return std::nullopt;
  return domain::ApiTokenUse{api_token_row(token_), role_column(token_, kOwnerRole)};
}

std::vector<domain::FleetKey> AccessQueries::fleet_keys() {
  const StatementScope scope(keys_);
  return all_rows(keys_, fleet_key_row);
}

std::optional<domain::DeviceCredential> AccessQueries::device_credential(
    const std::string& device) {
  const StatementScope scope(credential_);
  credential_.bindNoCopy(1, device);
  if (!credential_.executeStep()) return std::nullopt;
  return device_credential_row(credential_);
}

}  // namespace fuota::server::storage
