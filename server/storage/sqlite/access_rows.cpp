#include "server/storage/sqlite/access_rows.hpp"

#include <SQLiteCpp/Column.h>

#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

std::optional<domain::Time> optional_time_column(SQLite::Statement& statement, int index) {
  if (statement.isColumnNull(index)) return std::nullopt;
  return time_column(statement, index);
}

}  // namespace

domain::Account account_row(SQLite::Statement& statement) {
  domain::Account account;
  account.name = statement.getColumn(0).getString();
  account.role = role_column(statement, 1);
  account.password_hash = statement.getColumn(2).getString();
  account.created = time_column(statement, 3);
  return account;
}

domain::ApiToken api_token_row(SQLite::Statement& statement) {
  domain::ApiToken token;
  token.id = statement.getColumn(0).getString();
  token.owner = statement.getColumn(1).getString();
  token.label = statement.getColumn(2).getString();
  token.role = role_column(statement, 3);
  token.digest = digest_column(statement, 4);
  token.created = time_column(statement, 5);
  token.expires = optional_time_column(statement, 6);
  return token;
}

domain::FleetKey fleet_key_row(SQLite::Statement& statement) {
  domain::FleetKey key;
  key.id = statement.getColumn(0).getString();
  key.label = statement.getColumn(1).getString();
  key.digest = digest_column(statement, 2);
  key.created = time_column(statement, 3);
  key.expires = optional_time_column(statement, 4);
  key.enrolments = static_cast<std::uint64_t>(statement.getColumn(5).getInt64());
  if (!statement.isColumnNull(6)) {
    key.enrolments_max = static_cast<std::uint64_t>(statement.getColumn(6).getInt64());
  }
  return key;
}

domain::DeviceCredential device_credential_row(SQLite::Statement& statement) {
  domain::DeviceCredential credential;
  if (!statement.isColumnNull(0)) credential.digest = digest_column(statement, 0);
  credential.blocked = statement.getColumn(1).getInt() != 0;
  credential.changed = time_column(statement, 2);
  return credential;
}

domain::Role role_column(SQLite::Statement& statement, int index) {
  return static_cast<domain::Role>(statement.getColumn(index).getInt());
}

void bind_optional_time(SQLite::Statement& statement, int index,
                        const std::optional<domain::Time>& time) {
  if (time) bind_time(statement, index, *time);
}

}  // namespace fuota::server::storage
