#include "server/storage/sqlite/audit_table.hpp"

#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {

AuditTable::AuditTable(SQLite::Database& database)
    : add_(database,
           "INSERT INTO audit (at, by_whom, from_where, action, object, detail)"
           " VALUES (?, ?, ?, ?, ?, ?)") {}

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

}  // namespace fuota::server::storage
