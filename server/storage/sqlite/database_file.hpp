#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/failure.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// A database file of any schema version up to kSchemaVersion, opened to be looked at, also while a
/// server works on it. Nothing in it is changed. One thread at a time. No exception leaves a call.
class DatabaseFile {
 public:
  /// Opens the file. Outcomes: the file; `not_found`; `unavailable` when it can't be read, is none
  /// of fuota's, or is of a later version.
  [[nodiscard]] static Result<DatabaseFile> open(const std::filesystem::path& path);

  [[nodiscard]] int version() const { return version_; }

  /// What SQLite finds damaged, a line each; empty when all is well. Reads the whole file.
  [[nodiscard]] Result<std::vector<std::string>> damages();

  /// The contents that files have, each once, as of one instant.
  [[nodiscard]] Result<std::vector<ContentId>> referenced_blobs();

  /// Whether a file has this content now.
  [[nodiscard]] Result<bool> is_referenced(const Sha256Digest& digest);

  /// Writes all that is committed, as of one instant, into the new database file `path`, durably
  /// but for its name. It needs no other file beside it.
  [[nodiscard]] Result<void> copy_to(const std::filesystem::path& path);

 private:
  DatabaseFile(std::unique_ptr<SQLite::Database> database, int version)
      : database_(std::move(database)), version_(version) {}

  std::unique_ptr<SQLite::Database> database_;
  int version_;
};

/// As long as it lives, nobody changes the database file; those who want to wait, or are told that
/// it is locked when that takes too long. Reading goes on.
class ChangesHeld {
 public:
  /// Waits for a change in progress, kBusyTimeoutMs at most. DatabaseFile has opened `path` before.
  /// `unavailable` when others change it all the time, or this user may not write it.
  [[nodiscard]] static Result<ChangesHeld> take(const std::filesystem::path& path);

 private:
  explicit ChangesHeld(std::unique_ptr<SQLite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<SQLite::Database> database_;  ///< In a transaction, which ends with it.
};

}  // namespace fuota::server::storage
