#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
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

  /// Store::shorten_audit. How many entries were removed.
  std::size_t shorten(domain::Time kept_from, const domain::Change& change);

 private:
  SQLite::Statement add_;
  SQLite::Statement oldest_;
  SQLite::Statement first_kept_;
  SQLite::Statement remove_before_;
};

}  // namespace fuota::server::storage
