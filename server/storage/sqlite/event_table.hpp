#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "server/domain/history.hpp"

namespace fuota::server::storage {

/// The columns of `event` that `event_row` reads, in its order, for a SELECT.
constexpr std::string_view kEventColumns =
    "number, received, version, image_sha256, stream, sequence, state, deployment, code, detail,"
    " reset_reason, rssi_dbm, free_heap_bytes";

/// The event in the current row of a statement that selects kEventColumns.
[[nodiscard]] domain::Event event_row(SQLite::Statement& statement);

/// The devices' histories, as the connection that changes them sees them. What it does becomes
/// durable with the caller's transaction. Throws SQLite::Exception.
class EventTable {
 public:
  /// `database` outlives this object and has its schema prepared.
  explicit EventTable(SQLite::Database& database);

  /// Adds a report as the device's newest event, and drops those that are too many. False when it
  /// is there already: then nothing is done.
  [[nodiscard]] bool add(const std::string& device, const domain::Report& report,
                         domain::Time received);

  /// Adds that the device runs `image` now, and drops the events that are too many.
  void add(const std::string& device, const domain::RunningImage& image, domain::Time received);

  /// Removes all events of the device.
  void remove_all(const std::string& device);

 private:
  [[nodiscard]] std::int64_t next_number(const std::string& device);
  void drop_up_to(std::int64_t number, const std::string& device);

  SQLite::Statement newest_;
  SQLite::Statement add_;
  SQLite::Statement drop_;
};

}  // namespace fuota::server::storage
