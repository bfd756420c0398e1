#include "server/storage/sqlite/read_connection.hpp"

#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <limits>

#include "server/storage/deployment.hpp"
#include "server/storage/sqlite/event_table.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

/// The columns with which both queries begin.
enum RowColumn : int {
  kVersion,
  kFile,
  kRunningVersion,
  kRunningSha256,
  kRunningSince,
  kRowColumns
};

/// What the current row of either query says of device `id`.
domain::CheckFacts facts_of(const std::string& id, SQLite::Statement& row) {
  domain::CheckFacts facts;
  facts.device =
      domain::Device{id, row.getColumn(kVersion).getString(), row.getColumn(kFile).getString()};
  if (!row.isColumnNull(kRunningVersion)) {
    facts.running = domain::Running{
        {row.getColumn(kRunningVersion).getString(), digest_column(row, kRunningSha256)},
        time_column(row, kRunningSince)};
  }
  return facts;
}

}  // namespace

ReadConnection::ReadConnection(const std::string& path)
    // The mutex here replaces SQLite's own.
    : database_(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs),
      row_(database_, kRowQuery),
      offer_(database_, kOfferQuery),
      highest_root_(database_, kHighestRootQuery),
      list_(database_, "SELECT id, version, file FROM device WHERE id > ? ORDER BY id LIMIT ?"),
      blob_(database_, "SELECT blob_sha256, size_bytes FROM file WHERE name = ?"),
      manifest_(database_, "SELECT manifest FROM file WHERE name = ? AND manifest IS NOT NULL"),
      last_report_(database_, "SELECT " + std::string(kEventColumns) +
                                  " FROM event WHERE device = ?1 AND deployment = ?2 AND stream ="
                                  " (SELECT stream FROM event WHERE device = ?1"
                                  " AND deployment = ?2 ORDER BY number DESC LIMIT 1)"
                                  " ORDER BY sequence DESC LIMIT 1"),
      events_(database_, "SELECT " + std::string(kEventColumns) +
                             " FROM event WHERE device = ? AND number < ?"
                             " ORDER BY number DESC LIMIT ?"),
      root_(database_, "SELECT document FROM root WHERE version = ?"),
      contact_(database_, "SELECT at, version, address FROM contact WHERE device = ?"),
      access_(database_) {}

domain::CheckFacts ReadConnection::facts_for_check(const domain::CheckQuestion& question) {
  const std::lock_guard lock(mutex_);
  domain::CheckFacts facts = read_row(question.id);
  // Most devices run something else than what their row is for, and need no more.
  const bool matches = facts.device && facts.device->version == question.version;
  if (matches) facts = read_offer(question.id);
  if (question.with_root) facts.highest_root = read_highest_root();
  return facts;
}

std::vector<domain::Device> ReadConnection::devices_after(const std::string& after,
                                                          std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(list_);
  list_.bindNoCopy(1, after);
  list_.bind(2, static_cast<std::int64_t>(count_max));
  std::vector<domain::Device> devices;
  while (list_.executeStep()) {
    devices.push_back(domain::Device{list_.getColumn(0).getString(), list_.getColumn(1).getString(),
                                     list_.getColumn(2).getString()});
  }
  return devices;
}

std::optional<ContentId> ReadConnection::blob_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(blob_);
  blob_.bindNoCopy(1, name);
  if (!blob_.executeStep()) return std::nullopt;
  return ContentId{digest_column(blob_, 0),
                   static_cast<std::uint64_t>(blob_.getColumn(1).getInt64())};
}

std::optional<std::string> ReadConnection::manifest_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(manifest_);
  manifest_.bindNoCopy(1, name);
  if (!manifest_.executeStep()) return std::nullopt;
  return manifest_.getColumn(0).getString();
}

std::optional<domain::History> ReadConnection::history(const std::string& id, std::uint64_t before,
                                                       std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  // All that is read in it is as of one instant.
  SQLite::Transaction transaction(database_);
  domain::CheckFacts facts = read_offer(id);
  if (!facts.device) return std::nullopt;
  domain::History history;
  history.file = std::move(facts.device->file);
  history.update = std::move(facts.file);
  history.running = std::move(facts.running);
  if (history.update) history.last_report = read_last_report(id, history.update->deployment);
  history.contact = read_contact(id);
  read_events(id, before, count_max, history);
  return history;
}

std::optional<std::string> ReadConnection::root(std::uint32_t version) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(root_);
  root_.bind(1, std::int64_t{version});
  if (!root_.executeStep()) return std::nullopt;
  return root_.getColumn(0).getString();
}

domain::CheckFacts ReadConnection::read_row(const std::string& id) {
  const StatementScope scope(row_);
  row_.bindNoCopy(1, id);
  return row_.executeStep() ? facts_of(id, row_) : domain::CheckFacts();
}

domain::CheckFacts ReadConnection::read_offer(const std::string& id) {
  enum Column : int { kAssignment = kRowColumns, kBlobSha256, kSizeBytes, kManifest };
  const StatementScope scope(offer_);
  offer_.bindNoCopy(1, id);
  if (!offer_.executeStep()) return {};
  domain::CheckFacts facts = facts_of(id, offer_);
  if (!offer_.isColumnNull(kBlobSha256)) {
    domain::AssignedFile file;
    file.sha256 = digest_column(offer_, kBlobSha256);
    file.size_bytes = static_cast<std::uint64_t>(offer_.getColumn(kSizeBytes).getInt64());
    file.manifest = offer_.getColumn(kManifest).getString();
    file.deployment = deployment_of(offer_.getColumn(kAssignment).getString(), file.sha256);
    facts.file = std::move(file);
  }
  return facts;
}

std::uint32_t ReadConnection::read_highest_root() {
  const StatementScope scope(highest_root_);
  // A maximum is a row, be it of nothing: NULL is 0.
  highest_root_.executeStep();
  return highest_root_.getColumn(0).getUInt();
}

std::optional<domain::Report> ReadConnection::read_last_report(const std::string& id,
                                                               const std::string& deployment) {
  const StatementScope scope(last_report_);
  last_report_.bindNoCopy(1, id);
  last_report_.bindNoCopy(2, deployment);
  if (!last_report_.executeStep()) return std::nullopt;
  return std::get<domain::Report>(event_row(last_report_).what);
}

std::optional<domain::Contact> ReadConnection::read_contact(const std::string& id) {
  const StatementScope scope(contact_);
  contact_.bindNoCopy(1, id);
  if (!contact_.executeStep()) return std::nullopt;
  return domain::Contact{id, time_column(contact_, 0), contact_.getColumn(1).getString(),
                         contact_.getColumn(2).getString()};
}

void ReadConnection::read_events(const std::string& id, std::uint64_t before, std::size_t count_max,
                                 domain::History& history) {
  constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
  const StatementScope scope(events_);
  events_.bindNoCopy(1, id);
  events_.bind(2, static_cast<std::int64_t>(std::min(before, kNumberMax)));
  // One more than is asked for tells whether there are more.
  events_.bind(3, static_cast<std::int64_t>(count_max + 1));
  while (events_.executeStep()) {
    history.has_more = history.events.size() == count_max;
    if (!history.has_more) history.events.push_back(event_row(events_));
  }
}

}  // namespace fuota::server::storage
