#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <string>

namespace fuota::server::storage {

/// A read that goes on, so that others needn't lock. SQLite locks a database for each read, and
/// unlocks it behind the last one of the process: two system calls, which cost thrice what the
/// look-up of a row does. As long as this is held, the reads of the last committed state on other
/// connections of this process find it locked. What they read is no older for it.
///
/// While it is held, the write-ahead log can't begin anew. So it is let go before each change. One
/// thread at a time. No exception leaves a call but the constructor's.
class ReadLock {
 public:
  /// Opens the database file, whose schema is prepared. Throws SQLite::Exception.
  explicit ReadLock(const std::string& path);

  /// Takes the lock, if it can be had at once; otherwise the others lock for themselves.
  void hold() noexcept;

  void let_go() noexcept;

 private:
  SQLite::Database database_;
  SQLite::Statement read_;
};

}  // namespace fuota::server::storage
