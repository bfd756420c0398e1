#include "server/storage/sqlite/access_tables.hpp"

#include "server/storage/sqlite/access_rows.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

using domain::AuditAction;

Failure not_found(const char* what) {
  return Failure{StoreError::not_found, what};
}

Failure in_use(const char* what) {
  return Failure{StoreError::in_use, what};
}

/// Whether the account has the password whose hash has this SHA-256.
bool has_password(const domain::Account& account, const domain::SecretDigest& digest) {
  Sha256 hash;
  hash.update(account.password_hash);
  return hash.finish() == digest;
}

/// Runs a statement that has one parameter, a text. The number of rows that it has changed.
int exec_with(SQLite::Statement& statement, const std::string& text) {
  const StatementScope scope(statement);
  statement.bindNoCopy(1, text);
  return statement.exec();
}

}  // namespace

AccessTables::AccessTables(SQLite::Database& database, AuditTable& audit)
    : audit_(audit),
      create_account_(database, "INSERT INTO account (" + std::string(kAccountColumns) +
                                    ") VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      change_account_(database, "UPDATE account SET role = ?, password_hash = ? WHERE name = ?"),
      account_of_(database,
                  "SELECT " + std::string(kAccountColumns) + " FROM account WHERE name = ?"),
      remove_account_(database, "DELETE FROM account WHERE name = ?"),
      remove_tokens_of_(database, "DELETE FROM api_token WHERE owner = ?"),
      put_token_(database, "INSERT INTO api_token (" + std::string(kApiTokenColumns) +
                               ") VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      remove_token_(database, "DELETE FROM api_token WHERE id = ?"),
      put_key_(database, "INSERT INTO fleet_key (" + std::string(kFleetKeyColumns) +
                             ") VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      remove_key_(database, "DELETE FROM fleet_key WHERE id = ?"),
      key_of_(database,
              "SELECT " + std::string(kFleetKeyColumns) + " FROM fleet_key WHERE digest = ?"),
      count_enrolment_(database, "UPDATE fleet_key SET enrolments = enrolments + 1 WHERE id = ?"),
      credential_of_(database, "SELECT " + std::string(kDeviceCredentialColumns) +
                                   " FROM device_credential WHERE device = ?"),
      store_credential_(database, "INSERT OR REPLACE INTO device_credential (device, " +
                                      std::string(kDeviceCredentialColumns) +
                                      ") VALUES (?, ?, ?, ?)"),
      forget_credential_(database, "DELETE FROM device_credential WHERE device = ?") {}

Result<void> AccessTables::create_account(const domain::Account& account,
                                          const domain::Change& change) {
  {
    const StatementScope scope(create_account_);
    create_account_.bindNoCopy(1, account.name);
    create_account_.bind(2, static_cast<int>(account.role));
    create_account_.bindNoCopy(3, account.password_hash);
    bind_time(create_account_, 4, account.created);
    if (create_account_.exec() == 0) return in_use("there is such an account");
  }
  audit_.add(change, AuditAction::account_put, account.name, audit_detail(account));
  return {};
}

Result<void> AccessTables::change_account(const std::string& name,
                                          const domain::AccountChange& wanted,
                                          const domain::Change& change) {
  const auto known = account_of(name);
  if (!known) return not_found("no such account");
  if (wanted.shown && !has_password(*known, *wanted.shown)) {
    return Failure{StoreError::other_content, "the account has another password"};
  }
  const std::string detail = audit_detail(*known, wanted);
  if (detail.empty()) return {};
  {
    const std::string& hash = wanted.password_hash ? *wanted.password_hash : known->password_hash;
    const StatementScope scope(change_account_);
    change_account_.bind(1, static_cast<int>(wanted.role.value_or(known->role)));
    change_account_.bindNoCopy(2, hash);
    change_account_.bindNoCopy(3, name);
    change_account_.exec();
  }
  audit_.add(change, AuditAction::account_put, name, detail);
  return {};
}

Result<void> AccessTables::remove_account(const std::string& name, const domain::Change& change) {
  if (exec_with(remove_account_, name) == 0) return not_found("no such account");
  exec_with(remove_tokens_of_, name);
  audit_.add(change, AuditAction::account_remove, name);
  return {};
}

Result<void> AccessTables::put_api_token(const domain::ApiToken& token,
                                         const domain::Change& change) {
  if (!account_of(token.owner)) return not_found("no such account");
  {
    const StatementScope scope(put_token_);
    put_token_.bindNoCopy(1, token.id);
    put_token_.bindNoCopy(2, token.owner);
    put_token_.bindNoCopy(3, token.label);
    put_token_.bind(4, static_cast<int>(token.role));
    bind_digest(put_token_, 5, token.digest);
    bind_time(put_token_, 6, token.created);
    bind_optional_time(put_token_, 7, token.expires);
    if (put_token_.exec() == 0) return in_use("there is such a token");
  }
  audit_.add(change, AuditAction::token_put, token.id, audit_detail(token));
  return {};
}

Result<void> AccessTables::remove_api_token(const std::string& id, const domain::Change& change) {
  if (exec_with(remove_token_, id) == 0) return not_found("no such token");
  audit_.add(change, AuditAction::token_remove, id);
  return {};
}

Result<void> AccessTables::put_fleet_key(const domain::FleetKey& key,
                                         const domain::Change& change) {
  {
    const StatementScope scope(put_key_);
    put_key_.bindNoCopy(1, key.id);
    put_key_.bindNoCopy(2, key.label);
    bind_digest(put_key_, 3, key.digest);
    bind_time(put_key_, 4, key.created);
    bind_optional_time(put_key_, 5, key.expires);
    put_key_.bind(6, static_cast<std::int64_t>(key.enrolments));
    if (key.enrolments_max) put_key_.bind(7, static_cast<std::int64_t>(*key.enrolments_max));
    if (put_key_.exec() == 0) return in_use("there is such a fleet key");
  }
  audit_.add(change, AuditAction::fleet_key_put, key.id, audit_detail(key));
  return {};
}

Result<void> AccessTables::remove_fleet_key(const std::string& id, const domain::Change& change) {
  if (exec_with(remove_key_, id) == 0) return not_found("no such fleet key");
  audit_.add(change, AuditAction::fleet_key_remove, id);
  return {};
}

Result<void> AccessTables::enrol(const std::string& device, const domain::SecretDigest& token,
                                 const domain::SecretDigest& fleet_key,
                                 const domain::Change& change) {
  const auto credential = credential_of(device);
  const bool has_another = credential && (credential->blocked || credential->digest != token);
  // The answer to its first enrolment may have got lost.
  if (credential && !has_another) return {};
  const auto key = key_of(fleet_key);
  if (!key || !is_usable(*key, change.at)) return not_found("no usable fleet key");
  if (has_another) return in_use("the device is blocked or has another token");
  exec_with(count_enrolment_, key->id);
  store_credential(device, {token, false, change.at});
  audit_.add(change, AuditAction::credential_enrol, device, "fleet key " + key->id);
  return {};
}

Result<void> AccessTables::put_device_credential(const std::string& device,
                                                 const domain::SecretDigest& token,
                                                 const domain::Change& change) {
  const auto known = credential_of(device);
  store_credential(device, {token, known && known->blocked, change.at});
  audit_.add(change, AuditAction::credential_put, device);
  return {};
}

Result<void> AccessTables::remove_device_credential(const std::string& device,
                                                    const domain::Change& change) {
  const auto known = credential_of(device);
  if (!known || !known->digest) return not_found("the device has no token");
  if (known->blocked) {
    store_credential(device, {std::nullopt, true, change.at});
  } else {
    forget_credential(device);
  }
  audit_.add(change, AuditAction::credential_remove, device);
  return {};
}

Result<void> AccessTables::block_device(const std::string& device, bool blocked,
                                        const domain::Change& change) {
  const auto known = credential_of(device).value_or(domain::DeviceCredential{});
  if (known.blocked == blocked) return {};
  if (blocked || known.digest) {
    store_credential(device, {known.digest, blocked, change.at});
  } else {
    forget_credential(device);
  }
  audit_.add(change, blocked ? AuditAction::credential_block : AuditAction::credential_unblock,
             device);
  return {};
}

std::optional<domain::Account> AccessTables::account_of(const std::string& name) {
  const StatementScope scope(account_of_);
  account_of_.bindNoCopy(1, name);
  if (!account_of_.executeStep()) return std::nullopt;
  return account_row(account_of_);
}

std::optional<domain::FleetKey> AccessTables::key_of(const domain::SecretDigest& digest) {
  const StatementScope scope(key_of_);
  bind_digest(key_of_, 1, digest);
  if (!key_of_.executeStep()) return std::nullopt;
  return fleet_key_row(key_of_);
}

std::optional<domain::DeviceCredential> AccessTables::credential_of(const std::string& device) {
  const StatementScope scope(credential_of_);
  credential_of_.bindNoCopy(1, device);
  if (!credential_of_.executeStep()) return std::nullopt;
  return device_credential_row(credential_of_);
}

void AccessTables::store_credential(const std::string& device,
                                    const domain::DeviceCredential& credential) {
  const StatementScope scope(store_credential_);
  store_credential_.bindNoCopy(1, device);
  if (credential.digest) bind_digest(store_credential_, 2, *credential.digest);
  store_credential_.bind(3, credential.blocked ? 1 : 0);
  bind_time(store_credential_, 4, credential.changed);
  store_credential_.exec();
}

void AccessTables::forget_credential(const std::string& device) {
  exec_with(forget_credential_, device);
}

}  // namespace fuota::server::storage
