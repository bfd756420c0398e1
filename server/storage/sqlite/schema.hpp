#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include "server/storage/failure.hpp"

namespace fuota::server::storage {

/// The version of the schema that this program writes (SQLite's user_version).
constexpr int kSchemaVersion = 4;

/// How long a statement waits for another process (an operator's sqlite3 shell) that holds the
/// database, before it fails.
constexpr int kBusyTimeoutMs = 5000;

/// Brings the database to kSchemaVersion, from empty or from any earlier version, in one
/// transaction, and sets it to write-ahead logging with a sync at every commit. Outcomes: success;
/// `unavailable` when the database is not fuota's, is of a later version, or can't be written.
[[nodiscard]] Result<void> prepare_schema(SQLite::Database& database);

/// The schema version of a database of fuota's; 0 for an empty one. Changes nothing. Outcomes: the
/// version; `unavailable` when the database is not fuota's or of a later version. Throws
/// SQLite::Exception.
[[nodiscard]] Result<int> known_version(SQLite::Database& database);

/// What an exception of SQLiteCpp means: `full` when there is no room, else `unavailable`; with the
/// remedy where the database is damaged.
[[nodiscard]] Failure failure_from_sqlite(const SQLite::Exception& exception);

/// The same for an exception that a change of `database` has just thrown, before anything else is
/// done with it: what the system said tells whether there is no room, which SQLite itself says of
/// a full disk only, and it stands in the detail.
[[nodiscard]] Failure failure_of_change(const SQLite::Exception& exception,
                                        SQLite::Database& database);

}  // namespace fuota::server::storage
