#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <string>
#include <vector>

#include "server/domain/audit.hpp"
#include "server/domain/fleet_counts.hpp"
#include "server/domain/update_state.hpp"

namespace fuota::server::storage {

/// Devices that are looked at in one go. A look at all of them at once would keep the write-ahead
/// log from being taken up into the database as long as it takes.
constexpr std::size_t kDevicesPerSurveyStep = 2000;

/// A connection that reads what may be much, apart from those that answer checks. One thread at a
/// time. Throws SQLite::Exception.
class SurveyConnection {
 public:
  /// Opens the database file, whose schema is prepared.
  explicit SurveyConnection(const std::string& path);

  /// Counts the fleet, kDevicesPerSurveyStep devices as of one instant each.
  [[nodiscard]] domain::FleetCounts fleet_counts();

  /// The entries of the audit log, as of one instant.
  [[nodiscard]] std::vector<domain::AuditEntry> audit(const domain::AuditQuery& query);

 private:
  /// Adds the devices behind `after` to the counts. The last one's id; empty when there are none.
  [[nodiscard]] std::string count_step(const std::string& after, domain::FleetCounts& counts);
  [[nodiscard]] domain::UpdateState state_of_current();

  SQLite::Database database_;
  SQLite::Statement devices_;
  SQLite::Statement last_report_;
  SQLite::Statement audit_;
};

}  // namespace fuota::server::storage
