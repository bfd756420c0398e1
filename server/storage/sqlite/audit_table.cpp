#include "server/storage/sqlite/audit_table.hpp"

#include <cstdint>

#include "server/storage/sqlite/statement_scope.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

AuditTable::AuditTable(SQLite::Database& database)
    : add_(database,
           "INSERT INTO audit (at, by_whom, from_where, action, object, detail)"
           " VALUES (?, ?, ?, ?, ?, ?)"),
      oldest_(database, "SELECT number FROM audit ORDER BY number LIMIT 1"),
      // By number, not by time: what a wrong clock has dated stands among the others.
      first_kept_(
          database,
          "SELECT coalesce("
          "(SELECT number FROM audit WHERE number < ?1 AND at >= ?2 ORDER BY number LIMIT 1),"
          " (SELECT min(?1, max(number) + 1) FROM audit))"),
      remove_before_(database, "DELETE FROM audit WHERE number < ?") {}

void AuditTable::add(const domain::Change& change, domain::AuditAction action,
                     const std::string& object, const std::string& detail) {
  const StatementScope scope(add_);
  bind_time(add_, 1, change.at);
  add_.bindNoCopy(2, change.by);
  add_.bindNoCopy(3, change.from);
  add_.bind(4, std::string(domain::name_of(action)));
  add_.bindNoCopy(5, object);
  add_.bindNoCopy(6, detail);
  add_.exec();
}

std::size_t AuditTable::shorten(domain::Time kept_from, const domain::Change& change) {
  std::int64_t oldest = 0;
  {
    const StatementScope scope(oldest_);
    if (!oldest_.executeStep()) return 0;
    oldest = oldest_.getColumn(0).getInt64();
  }
  std::int64_t first_kept = 0;
  {
    const StatementScope scope(first_kept_);
    first_kept_.bind(1, oldest + static_cast<std::int64_t>(kAuditRemovedMax));
    bind_time(first_kept_, 2, kept_from);
    first_kept_.executeStep();
    first_kept = first_kept_.getColumn(0).getInt64();
  }
  if (first_kept == oldest) return 0;
  const auto count = static_cast<std::size_t>(first_kept - oldest);
  // First, for nothing may be removed of which the newest entry doesn't say so.
  add(change, domain::AuditAction::audit_shorten, std::to_string(first_kept),
      domain::shortened_detail(count, kept_from));
  const StatementScope scope(remove_before_);
  remove_before_.bind(1, first_kept);
  remove_before_.exec();
  return count;
}

}  // namespace fuota::server::storage
