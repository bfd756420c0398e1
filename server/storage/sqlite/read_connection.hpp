#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/domain/check.hpp"
#include "server/domain/device.hpp"
#include "server/domain/history.hpp"
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

  /// Nothing when the device isn't known.
  [[nodiscard]] std::optional<domain::History> history(const std::string& id, std::uint64_t before,
                                                       std::size_t count_max);
  [[nodiscard]] std::optional<std::string> root(std::uint32_t version);

 private:
  [[nodiscard]] domain::CheckFacts read_facts(const std::string& id);
  [[nodiscard]] std::optional<domain::Report> read_last_report(const std::string& id,
                                                               const std::string& deployment);
  void read_events(const std::string& id, std::uint64_t before, std::size_t count_max,
                   domain::History& history);

  std::mutex mutex_;
  SQLite::Database database_;
  SQLite::Statement check_;
  SQLite::Statement list_;
  SQLite::Statement blob_;
  SQLite::Statement manifest_;
  SQLite::Statement last_report_;
  SQLite::Statement events_;
  SQLite::Statement root_;
};

}  // namespace fuota::server::storage
