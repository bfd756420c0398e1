#include "server/storage/sqlite/statement_scope.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace fuota::server::storage {

StatementScope::~StatementScope() {
  // An error here repeats the one that the step has reported.
  statement_.tryReset();
  try {
    statement_.clearBindings();
  } catch (const SQLite::Exception&) {  // It has none to clear then.
  }
}

void bind_digest(SQLite::Statement& statement, int index, const Sha256Digest& digest) {
  statement.bindNoCopy(index, digest.data(), static_cast<int>(digest.size()));
}

Sha256Digest digest_column(SQLite::Statement& statement, int index) {
  const SQLite::Column column = statement.getColumn(index);
  Sha256Digest digest{};
  assert(static_cast<std::size_t>(column.getBytes()) == digest.size());
  const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
  std::copy_n(bytes, digest.size(), digest.begin());
  return digest;
}

void bind_time(SQLite::Statement& statement, int index, domain::Time time) {
  statement.bind(index, static_cast<std::int64_t>(time.time_since_epoch().count()));
}

domain::Time time_column(SQLite::Statement& statement, int index) {
  return domain::Time(std::chrono::seconds(statement.getColumn(index).getInt64()));
}

}  // namespace fuota::server::storage
