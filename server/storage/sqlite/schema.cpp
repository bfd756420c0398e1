#include "server/storage/sqlite/schema.hpp"

#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <array>
#include <string>
#include <system_error>

namespace fuota::server::storage {
namespace {

/// SQLite's application_id: "fuot" in ASCII.
constexpr int kApplicationId = 0x66756f74;

/// The steps forward: entry N takes a database from version N to N + 1. An entry that was released
/// never changes.
constexpr std::array<const char*, kSchemaVersion> kSteps = {
    R"(
CREATE TABLE file (
  name TEXT NOT NULL PRIMARY KEY,
  blob_sha256 BLOB NOT NULL CHECK (length(blob_sha256) = 32),
  size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_blob ON file (blob_sha256);

-- A device's file need not exist: the row may come before the upload.
CREATE TABLE device (
  id TEXT NOT NULL PRIMARY KEY,
  version TEXT NOT NULL,
  file TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_file ON device (file);
)",
    R"(
-- The signed manifest of this very content: it stands in the row of the content, so that the two
-- never come apart.
ALTER TABLE file ADD COLUMN manifest TEXT;

-- Random, new with each PUT of the row: the offers of one row are told from those of another.
ALTER TABLE device ADD COLUMN assignment BLOB NOT NULL DEFAULT (x'');
UPDATE device SET assignment = randomblob(16);
)",
    R"(
-- What the device itself has said last that it runs, and since when, in seconds since 1970: all
-- three or none.
ALTER TABLE device ADD COLUMN running_version TEXT;
ALTER TABLE device ADD COLUMN running_sha256 BLOB CHECK (length(running_sha256) = 32);
ALTER TABLE device ADD COLUMN running_since INTEGER;

-- What happened to a device, in the order in which it became known. With a stream it is a report;
-- without, the device was found to run another image.
CREATE TABLE event (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  received INTEGER NOT NULL,
  version TEXT NOT NULL,
  image_sha256 BLOB NOT NULL CHECK (length(image_sha256) = 32),
  stream INTEGER,
  sequence INTEGER,
  state INTEGER,
  deployment TEXT,
  code TEXT,
  detail TEXT,
  reset_reason TEXT,
  rssi_dbm INTEGER,
  free_heap_bytes INTEGER,
  PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;
-- A report that comes again is the same one. Events without a stream are all different.
CREATE UNIQUE INDEX event_by_report ON event (device, stream, sequence);

CREATE TABLE root (
  version INTEGER NOT NULL PRIMARY KEY,
  document TEXT NOT NULL
) STRICT;
)",
    R"(
CREATE TABLE account (
  name TEXT NOT NULL PRIMARY KEY,
  role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 4),
  password_hash TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  label TEXT NOT NULL,
  role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 4),
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  created INTEGER NOT NULL,
  expires INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_by_owner ON api_token (owner);

CREATE TABLE fleet_key (
  id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  created INTEGER NOT NULL,
  expires INTEGER,
  enrolments INTEGER NOT NULL,
  enrolments_max INTEGER
) STRICT, WITHOUT ROWID;

-- A device has one before it has a row, and keeps it when the row goes.
CREATE TABLE device_credential (
  device TEXT NOT NULL PRIMARY KEY,
  digest BLOB CHECK (length(digest) = 32),
  blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
  changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who changed what, when and from where. Nothing is taken back; what is too old may go, when the
-- newest entry says so.
CREATE TABLE audit (
  number INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  from_where TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit WHERE number = (SELECT max(number) FROM audit)
                 AND action = 'audit.shorten' AND OLD.number < CAST(object AS INTEGER))
BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;

-- When a device has asked last. Beside its row, which every check reads: that one stays small, and
-- a batch of contacts touches no page of it.
CREATE TABLE contact (
  device TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  version TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)",
};

/// What the system said when the write-ahead log was last written or synced in vain; 0 for nothing.
int last_error_of_log(sqlite3* database) {
  sqlite3_file* file = nullptr;
  int error = 0;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK) {
    return 0;
  }
  return error;
}

/// What the system said when the change failed that has just thrown; 0 when it wasn't asked.
/// sqlite3_system_errno knows of a statement that fails while it runs, and not of a commit.
int system_error_of(const SQLite::Exception& exception, sqlite3* database) {
  const int code = exception.getErrorCode();
  if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN) return 0;
  switch (exception.getExtendedErrorCode()) {
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_FSYNC:
      return last_error_of_log(database);
    default:
      return sqlite3_system_errno(database);
  }
}

int pragma(SQLite::Database& database, const char* query) {
  return database.execAndGet(query).getInt();
}

}  // namespace

Result<int> known_version(SQLite::Database& database) {
  const int version = pragma(database, "PRAGMA user_version");
  if (version > kSchemaVersion) {
    return Failure{StoreError::unavailable,
                   "the database is of schema version " + std::to_string(version) +
                       ", this program knows " + std::to_string(kSchemaVersion) +
                       ": use the fuota-server that wrote it, or a later one"};
  }
  const bool ours = pragma(database, "PRAGMA application_id") == kApplicationId;
  const bool empty = pragma(database, "SELECT count(*) FROM sqlite_schema") == 0;
  if (!ours && !empty) {
    return Failure{StoreError::unavailable, "the database was not made by fuota-server"};
  }
  return version;
}

Result<void> prepare_schema(SQLite::Database& database) {
  try {
    database.setBusyTimeout(kBusyTimeoutMs);
    const auto version = known_version(database);
    if (!version) return version.error();
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    if (*version == kSchemaVersion) return {};
    SQLite::Transaction transaction(database);
    for (int step = *version; step < kSchemaVersion; ++step) {
      database.exec(kSteps[static_cast<std::size_t>(step)]);
    }
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& exception) {
    return failure_from_sqlite(exception);
  }
}

Failure failure_from_sqlite(const SQLite::Exception& exception) {
  const int code = exception.getErrorCode();
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return Failure{code == SQLITE_FULL ? StoreError::full : StoreError::unavailable,
                 std::string("database: ") + exception.what() +
                     (damaged ? ": restore a backup (docs/backup.md)" : "")};
}

Failure failure_of_change(const SQLite::Exception& exception, SQLite::Database& database) {
  const int error = system_error_of(exception, database.getHandle());
  Failure failure = failure_from_sqlite(exception);
  if (means_full(error)) failure.code = StoreError::full;
  if (error != 0) failure.detail += ": " + std::generic_category().message(error);
  return failure;
}

}  // namespace fuota::server::storage
