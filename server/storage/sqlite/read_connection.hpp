#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "server/domain/check.hpp"
#include "server/domain/device.hpp"
#include "server/domain/history.hpp"
#include "server/storage/blobs/blob_directory.hpp"
#include "server/storage/sqlite/access_queries.hpp"

namespace fuota::server::storage {

/// What every check asks the database, for the device that is the parameter.
constexpr char kRowQuery[] =
    "SELECT version, file, running_version, running_sha256, running_since"
    " FROM device WHERE id = ?";

/// The same and the row's file, for a check that is likely to be offered it.
constexpr char kOfferQuery[] =
    "SELECT version, file, running_version, running_sha256, running_since, assignment,"
    " blob_sha256, size_bytes, manifest"
    " FROM device LEFT JOIN file ON file.name = device.file WHERE id = ?";

/// What a check asks beside, if it wants to know of root documents.
constexpr char kHighestRootQuery[] = "SELECT max(version) FROM root";

/// One connection that only reads. Each call is one consistent look at the last committed state,
/// takes microseconds when the pages are in memory, and never waits for the writer (write-ahead
/// logging). Any thread may call; calls on one connection take turns. Throws SQLite::Exception.
class ReadConnection {
 public:
  /// Opens the database file, whose schema is prepared.
  explicit ReadConnection(const std::string& path);

  /// The highest root document may be as of a moment later than the rest.
  [[nodiscard]] domain::CheckFacts facts_for_check(const domain::CheckQuestion& question);
  [[nodiscard]] std::vector<domain::Device> devices_after(const std::string& after,
                                                          std::size_t count_max);
  [[nodiscard]] std::optional<ContentId> blob_of(const std::string& name);
  [[nodiscard]] std::optional<std::string> manifest_of(const std::string& name);

  /// Nothing when the device isn't known.
  [[nodiscard]] std::optional<domain::History> history(const std::string& id, std::uint64_t before,
                                                       std::size_t count_max);
  [[nodiscard]] std::optional<std::string> root(std::uint32_t version);

  /// Asks for accounts, tokens, keys or credentials: `access(&AccessQueries::account, name)`.
  template <typename Answer, typename... Arguments>
  [[nodiscard]] Answer access(Answer (AccessQueries::*query)(Arguments...),
                              const std::type_identity_t<Arguments>&... arguments) {
    const std::lock_guard lock(mutex_);
    return (access_.*query)(arguments...);
  }

 private:
  [[nodiscard]] domain::CheckFacts read_row(const std::string& id);
  [[nodiscard]] domain::CheckFacts read_offer(const std::string& id);
  [[nodiscard]] std::uint32_t read_highest_root();
  [[nodiscard]] std::optional<domain::Report> read_last_report(const std::string& id,
                                                               const std::string& deployment);
  [[nodiscard]] std::optional<domain::Contact> read_contact(const std::string& id);
  void read_events(const std::string& id, std::uint64_t before, std::size_t count_max,
                   domain::History& history);

  std::mutex mutex_;
  SQLite::Database database_;
  SQLite::Statement row_;
  SQLite::Statement offer_;
  SQLite::Statement highest_root_;
  SQLite::Statement list_;
  SQLite::Statement blob_;
  SQLite::Statement manifest_;
  SQLite::Statement last_report_;
  SQLite::Statement events_;
  SQLite::Statement root_;
  SQLite::Statement contact_;
  AccessQueries access_;
};

}  // namespace fuota::server::storage
