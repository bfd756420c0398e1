#pragma once

#include <SQLiteCpp/Statement.h>

#include "server/domain/running.hpp"
#include "server/storage/sha256.hpp"

namespace fuota::server::storage {

/// Resets a statement when the scope ends, so that it holds no lock and no borrowed text.
class StatementScope {
 public:
  explicit StatementScope(SQLite::Statement& statement) : statement_(statement) {}
  StatementScope(const StatementScope&) = delete;
  StatementScope& operator=(const StatementScope&) = delete;
  ~StatementScope();

 private:
  SQLite::Statement& statement_;
};

/// Binds the digest, which stays as it is until the statement is reset, as 32 bytes.
void bind_digest(SQLite::Statement& statement, int index, const Sha256Digest& digest);

/// The digest in column `index` of the current row, which holds 32 bytes by the schema.
[[nodiscard]] Sha256Digest digest_column(SQLite::Statement& statement, int index);

/// Binds a time as seconds since 1970.
void bind_time(SQLite::Statement& statement, int index, domain::Time time);

/// The time in column `index` of the current row.
[[nodiscard]] domain::Time time_column(SQLite::Statement& statement, int index);

}  // namespace fuota::server::storage
