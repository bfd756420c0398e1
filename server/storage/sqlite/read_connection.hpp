#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/domain/check.hpp"
#include "server/domain/device.hpp"
#include "server/storage/blobs/blob_directory.hpp"

namespace fuota::server::storage {

/// One connection that only reads. Each call is one consistent look at the last committed state,
/// takes microseconds when the pages are in memory, and never waits for the writer (write-ahead
/// logging). Any thread may call; calls on one connection take turns. Throws SQLite::Exception.
class ReadConnection {
 public:
  /// Opens the database file, whose schema is prepared.
  explicit ReadConnection(const std::string& path);

  [[nodiscard]] domain::CheckFacts facts_for_check(const std::string& id);
  [[nodiscard]] std::vector<domain::Device> devices_after(const std::string& after,
                                                          std::size_t count_max);
  [[nodiscard]] std::optional<ContentId> blob_of(const std::string& name);
  [[nodiscard]] std::optional<std::string> manifest_of(const std::string& name);

 private:
  std::mutex mutex_;
  SQLite::Database database_;
  SQLite::Statement check_;
  SQLite::Statement list_;
  SQLite::Statement blob_;
  SQLite::Statement manifest_;
};

/// The digest in column `index` of the current row, which holds 32 bytes by the schema.
[[nodiscard]] Sha256Digest digest_column(SQLite::Statement& statement, int index);

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

}  // namespace fuota::server::storage
