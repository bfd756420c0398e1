#include "server/storage/sqlite/survey_connection.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "server/storage/deployment.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

/// Columns of devices_.
enum Column : int { kId, kAssignment, kRunning, kContent };

}  // namespace

SurveyConnection::SurveyConnection(const std::string& path)
    : database_(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs),
      devices_(database_,
               "SELECT device.id, device.assignment, device.running_sha256, file.blob_sha256"
               " FROM device LEFT JOIN file ON file.name = device.file"
               " WHERE device.id > ? ORDER BY device.id LIMIT ?"),
      last_report_(database_,
                   "SELECT state FROM event WHERE device = ?1 AND deployment = ?2 AND stream ="
                   " (SELECT stream FROM event WHERE device = ?1 AND deployment = ?2"
                   " ORDER BY number DESC LIMIT 1) ORDER BY sequence DESC LIMIT 1"),
      audit_(database_,
             "SELECT number, at, by_whom, from_where, action, object, detail FROM audit"
             " WHERE number < ?1 AND substr(by_whom, 1, length(?2)) = ?2"
             " AND substr(action, 1, length(?3)) = ?3 ORDER BY number DESC LIMIT ?4") {}

domain::FleetCounts SurveyConnection::fleet_counts() {
  domain::FleetCounts counts;
  std::string last;
  do {
    last = count_step(last, counts);
  } while (!last.empty());
  return counts;
}

std::vector<domain::AuditEntry> SurveyConnection::audit(const domain::AuditQuery& query) {
  constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
  const StatementScope scope(audit_);
  audit_.bind(1, static_cast<std::int64_t>(std::min(query.before, kNumberMax)));
  audit_.bindNoCopy(2, query.by_prefix);
  audit_.bindNoCopy(3, query.action_prefix);
  audit_.bind(4, static_cast<std::int64_t>(query.count_max));
  std::vector<domain::AuditEntry> entries;
  while (audit_.executeStep()) {
    domain::AuditEntry entry;
    entry.number = static_cast<std::uint64_t>(audit_.getColumn(0).getInt64());
    entry.change = {audit_.getColumn(2).getString(), audit_.getColumn(3).getString(),
                    time_column(audit_, 1)};
    entry.action = audit_.getColumn(4).getString();
    entry.object = audit_.getColumn(5).getString();
    entry.detail = audit_.getColumn(6).getString();
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string SurveyConnection::count_step(const std::string& after, domain::FleetCounts& counts) {
  const StatementScope scope(devices_);
  devices_.bindNoCopy(1, after);
  devices_.bind(2, static_cast<std::int64_t>(kDevicesPerSurveyStep));
  std::string last;
  while (devices_.executeStep()) {
    last = devices_.getColumn(kId).getString();
    ++counts.devices;
    if (devices_.isColumnNull(kContent)) continue;
    ++counts.by_state[static_cast<std::size_t>(state_of_current())];
  }
  return last;
}

domain::UpdateState SurveyConnection::state_of_current() {
  domain::UpdateFacts facts;
  facts.image = digest_column(devices_, kContent);
  if (!devices_.isColumnNull(kRunning)) facts.running = digest_column(devices_, kRunning);
  // The report wouldn't make a difference.
  if (facts.running == facts.image) return decide_update_state(facts);
  const std::string deployment =
      deployment_of(devices_.getColumn(kAssignment).getString(), facts.image);
  const StatementScope scope(last_report_);
  const std::string id = devices_.getColumn(kId).getString();
  last_report_.bindNoCopy(1, id);
  last_report_.bindNoCopy(2, deployment);
  if (last_report_.executeStep()) {
    facts.last_report = static_cast<protocol::ReportState>(last_report_.getColumn(0).getInt());
  }
  return decide_update_state(facts);
}

}  // namespace fuota::server::storage
