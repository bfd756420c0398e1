#include "server/storage/sqlite/read_lock.hpp"

#include <sqlite3.h>

namespace fuota::server::storage {

ReadLock::ReadLock(const std::string& path)
    : database_(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX),
      // There is always a row: the schema is prepared.
      read_(database_, "SELECT 1 FROM sqlite_schema LIMIT 1") {}

void ReadLock::hold() noexcept {
  read_.tryReset();
  // A read goes on until its statement is reset or at its end.
  if (read_.tryExecuteStep() != SQLITE_ROW) read_.tryReset();
}

void ReadLock::let_go() noexcept {
  read_.tryReset();
}

}  // namespace fuota::server::storage
