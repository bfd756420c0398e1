// What the store in memory knows of contacts, accounts and credentials, and its audit log.

#include <algorithm>

#include "server/domain/update_state.hpp"
#include "tests/support/server/memory_store.hpp"

namespace test_support {

using namespace fuota::server::domain;
using namespace fuota::server::storage;

namespace {

Failure not_found() {
  return Failure{StoreError::not_found, "no such thing"};
}

Failure in_use() {
  return Failure{StoreError::in_use, "there is one"};
}

template <typename Row>
std::vector<Row> rows_of(const std::map<std::string, Row>& table) {
  std::vector<Row> rows;
  for (const auto& [key, row] : table) rows.push_back(row);
  return rows;
}

/// The row with this digest; the end of the table without one.
template <typename Row>
auto by_digest(const std::map<std::string, Row>& table, const SecretDigest& digest) {
  return std::find_if(table.begin(), table.end(),
                      [&](const auto& entry) { return entry.second.digest == digest; });
}

/// Adds a row with an id and a digest of its own; false when there is one that has either.
template <typename Row>
bool add(std::map<std::string, Row>& table, const Row& row) {
  if (by_digest(table, row.digest) != table.end()) return false;
  return table.emplace(row.id, row).second;
}

}  // namespace

Result<void> MemoryStore::done(const Change& change, AuditAction action, const std::string& object,
                               const std::string& detail) {
  const std::uint64_t number = audit_.empty() ? 1 : audit_.back().number + 1;
  audit_.push_back({number, change, std::string(name_of(action)), object, detail});
  return {};
}

void MemoryStore::record_contact(Contact contact) noexcept {
  ++contacts_recorded_;
  if (!devices_.contains(contact.device)) return;
  contacts_[contact.device] = contact;
}

MemoryStore::Call<void> MemoryStore::flush_contacts() {
  if (failure_) co_return *failure_;
  co_return Result<void>();
}

ContactCounts MemoryStore::contact_counts() const {
  ContactCounts counts;
  counts.recorded = contacts_recorded_;
  return counts;
}

MemoryStore::Call<FleetCounts> MemoryStore::fleet_counts() {
  if (failure_) co_return *failure_;
  FleetCounts counts;
  for (const auto& [id, device] : devices_) {
    const auto history = co_await this->history(id, 0, 0);
    ++counts.devices;
    if (!history->update) continue;
    UpdateFacts facts;
    facts.image = history->update->sha256;
    if (history->last_report) facts.last_report = history->last_report->state;
    if (history->running) facts.running = history->running->image.sha256;
    ++counts.by_state[static_cast<std::size_t>(decide_update_state(facts))];
  }
  co_return counts;
}

MemoryStore::Call<Account> MemoryStore::account(std::string name) {
  if (failure_) co_return *failure_;
  const auto found = accounts_.find(name);
  if (found == accounts_.end()) co_return not_found();
  co_return found->second;
}

MemoryStore::Call<std::vector<Account>> MemoryStore::accounts() {
  if (failure_) co_return *failure_;
  co_return rows_of(accounts_);
}

MemoryStore::Call<void> MemoryStore::create_account(Account account, Change change) {
  if (failure_) co_return *failure_;
  if (!accounts_.emplace(account.name, account).second) co_return in_use();
  co_return done(change, AuditAction::account_put, account.name, audit_detail(account));
}

MemoryStore::Call<void> MemoryStore::change_account(std::string name, AccountChange wanted,
                                                    Change change) {
  if (failure_) co_return *failure_;
  const auto known = accounts_.find(name);
  if (known == accounts_.end()) co_return not_found();
  Account& account = known->second;
  Sha256 hash;
  hash.update(account.password_hash);
  if (wanted.shown && hash.finish() != *wanted.shown) {
    co_return Failure{StoreError::other_content, "another password"};
  }
  const std::string detail = audit_detail(account, wanted);
  if (detail.empty()) co_return Result<void>();
  account.role = wanted.role.value_or(account.role);
  account.password_hash = wanted.password_hash.value_or(account.password_hash);
  co_return done(change, AuditAction::account_put, name, detail);
}

MemoryStore::Call<void> MemoryStore::remove_account(std::string name, Change change) {
  if (failure_) co_return *failure_;
  if (accounts_.erase(name) == 0) co_return not_found();
  std::erase_if(tokens_, [&](const auto& token) { return token.second.owner == name; });
  co_return done(change, AuditAction::account_remove, name);
}

MemoryStore::Call<std::vector<ApiToken>> MemoryStore::api_tokens(std::string owner) {
  if (failure_) co_return *failure_;
  std::vector<ApiToken> tokens = rows_of(tokens_);
  if (!owner.empty()) {
    std::erase_if(tokens, [&](const ApiToken& token) { return token.owner != owner; });
  }
  co_return tokens;
}

MemoryStore::Call<ApiTokenUse> MemoryStore::api_token(SecretDigest digest) {
  if (failure_) co_return *failure_;
  const auto token = by_digest(tokens_, digest);
  if (token == tokens_.end()) co_return not_found();
  co_return ApiTokenUse{token->second, accounts_.at(token->second.owner).role};
}

MemoryStore::Call<void> MemoryStore::put_api_token(ApiToken token, Change change) {
  if (failure_) co_return *failure_;
  if (!accounts_.contains(token.owner)) co_return not_found();
  if (!add(tokens_, token)) co_return in_use();
  co_return done(change, AuditAction::token_put, token.id, audit_detail(token));
}

MemoryStore::Call<void> MemoryStore::remove_api_token(std::string id, Change change) {
  if (failure_) co_return *failure_;
  if (tokens_.erase(id) == 0) co_return not_found();
  co_return done(change, AuditAction::token_remove, id);
}

MemoryStore::Call<std::vector<FleetKey>> MemoryStore::fleet_keys() {
  if (failure_) co_return *failure_;
  co_return rows_of(keys_);
}

MemoryStore::Call<void> MemoryStore::put_fleet_key(FleetKey key, Change change) {
  if (failure_) co_return *failure_;
  if (!add(keys_, key)) co_return in_use();
  co_return done(change, AuditAction::fleet_key_put, key.id, audit_detail(key));
}

MemoryStore::Call<void> MemoryStore::remove_fleet_key(std::string id, Change change) {
  if (failure_) co_return *failure_;
  if (keys_.erase(id) == 0) co_return not_found();
  co_return done(change, AuditAction::fleet_key_remove, id);
}

MemoryStore::Call<void> MemoryStore::enrol(std::string device, SecretDigest token,
                                           SecretDigest fleet_key, Change change) {
  if (failure_) co_return *failure_;
  const auto credential = credentials_.find(device);
  if (credential != credentials_.end() && !credential->second.blocked &&
      credential->second.digest == token) {
    co_return Result<void>();
  }
  const auto key = by_digest(keys_, fleet_key);
  if (key == keys_.end() || !is_usable(key->second, change.at)) co_return not_found();
  if (credential != credentials_.end()) co_return in_use();
  ++keys_[key->first].enrolments;
  credentials_[device] = {token, false, change.at};
  co_return done(change, AuditAction::credential_enrol, device, "fleet key " + key->first);
}

MemoryStore::Call<void> MemoryStore::put_device_credential(std::string device, SecretDigest token,
                                                           Change change) {
  if (failure_) co_return *failure_;
  DeviceCredential& credential = credentials_[device];
  credential.digest = token;
  credential.changed = change.at;
  co_return done(change, AuditAction::credential_put, device);
}

MemoryStore::Call<void> MemoryStore::remove_device_credential(std::string device, Change change) {
  if (failure_) co_return *failure_;
  const auto known = credentials_.find(device);
  if (known == credentials_.end() || !known->second.digest) co_return not_found();
  known->second = {std::nullopt, known->second.blocked, change.at};
  if (!known->second.blocked) credentials_.erase(known);
  co_return done(change, AuditAction::credential_remove, device);
}

MemoryStore::Call<void> MemoryStore::block_device(std::string device, bool blocked, Change change) {
  if (failure_) co_return *failure_;
  const auto known = credentials_.find(device);
  if ((known != credentials_.end() && known->second.blocked) == blocked) co_return Result<void>();
  DeviceCredential& credential = credentials_[device];
  credential.blocked = blocked;
  credential.changed = change.at;
  if (!blocked && !credential.digest) credentials_.erase(device);
  co_return done(change, blocked ? AuditAction::credential_block : AuditAction::credential_unblock,
                 device);
}

Result<std::optional<DeviceCredential>> MemoryStore::device_credential(const std::string& device) {
  if (failure_) return *failure_;
  const auto known = credentials_.find(device);
  if (known == credentials_.end()) return std::optional<DeviceCredential>();
  return std::optional<DeviceCredential>(known->second);
}

MemoryStore::Call<std::vector<AuditEntry>> MemoryStore::audit(AuditQuery query) {
  if (failure_) co_return *failure_;
  std::vector<AuditEntry> entries;
  for (auto entry = audit_.rbegin(); entry != audit_.rend(); ++entry) {
    if (entries.size() == query.count_max) break;
    if (entry->number < query.before && entry->change.by.starts_with(query.by_prefix) &&
        entry->action.starts_with(query.action_prefix)) {
      entries.push_back(*entry);
    }
  }
  co_return entries;
}

MemoryStore::Call<std::size_t> MemoryStore::shorten_audit(fuota::server::domain::Time kept_from,
                                                          Change change) {
  if (failure_) co_return *failure_;
  const auto first_kept =
      std::find_if(audit_.begin(), audit_.end(),
                   [kept_from](const AuditEntry& entry) { return entry.change.at >= kept_from; });
  const auto removed = std::min(static_cast<std::size_t>(first_kept - audit_.begin()),
                                fuota::server::storage::kAuditRemovedMax);
  if (removed == 0) co_return removed;
  const std::uint64_t first_number = audit_.front().number + removed;
  static_cast<void>(done(change, AuditAction::audit_shorten, std::to_string(first_number),
                         fuota::server::domain::shortened_detail(removed, kept_from))
                        .has_value());
  audit_.erase(audit_.begin(), audit_.begin() + static_cast<std::ptrdiff_t>(removed));
  co_return removed;
}

}  // namespace test_support
