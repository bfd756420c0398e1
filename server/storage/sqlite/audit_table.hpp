#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <string>

#include "server/domain/audit.hpp"

namespace fuota::server::storage {

/// The audit log, as the connection that adds to it sees it. What it does becomes durable with the
/// caller's transaction. Throws SQLite::Exception.
class AuditTable {
 public:
  /// `database` outlives this object and has its schema prepared.
  explicit AuditTable(SQLite::Database& database);

  /// Adds a line.
  void add(const domain::Change& change, domain::AuditAction action, const std::string& object,
           const std::string& detail = "");

 private:
  SQLite::Statement add_;
};

}  // namespace fuota::server::storage
