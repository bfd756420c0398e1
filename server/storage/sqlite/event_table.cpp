#include "server/storage/sqlite/event_table.hpp"

#include <SQLiteCpp/Column.h>

#include <cassert>
#include <limits>

#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

/// Columns of a row that is read, in the order of kEventColumns.
enum Column : int {
  kNumber,
  kReceived,
  kVersion,
  kImage,
  kStream,
  kSequence,
  kState,
  kDeployment,
  kCode,
  kDetail,
  kResetReason,
  kRssi,
  kFreeHeap
};

/// Parameters of the INSERT: the device, then the columns in the order of kEventColumns.
constexpr int parameter(Column column) {
  return static_cast<int>(column) + 2;
}

constexpr auto kKept = static_cast<std::int64_t>(domain::kEventsPerDeviceMax);

/// What isn't known is NULL.
void bind_known(SQLite::Statement& statement, Column column, std::string_view text) {
  if (!text.empty()) statement.bind(parameter(column), std::string(text));
}

void bind_report(SQLite::Statement& statement, const domain::Report& report) {
  statement.bind(parameter(kVersion), std::string(report.version.view()));
  bind_digest(statement, parameter(kImage), report.image);
  // SQLite has no unsigned integers: the same 64 bits.
  statement.bind(parameter(kStream), static_cast<std::int64_t>(report.stream));
  statement.bind(parameter(kSequence), std::int64_t{report.sequence});
  statement.bind(parameter(kState), static_cast<int>(report.state));
  bind_known(statement, kDeployment, report.deployment.view());
  bind_known(statement, kCode, report.code.view());
  bind_known(statement, kDetail, report.detail.view());
  bind_known(statement, kResetReason, report.reset_reason.view());
  if (report.rssi_dbm != 0) statement.bind(parameter(kRssi), int{report.rssi_dbm});
  if (report.has_free_heap) {
    statement.bind(parameter(kFreeHeap), std::int64_t{report.free_heap_bytes});
  }
}

template <std::size_t BytesMax>
void read_text(SQLite::Statement& statement, Column column, protocol::FixedText<BytesMax>& out) {
  const bool fits = out.assign(statement.getColumn(column).getString());
  // It did when it was written.
  assert(fits);
  static_cast<void>(fits);
}

domain::Report read_report(SQLite::Statement& statement) {
  domain::Report report;
  report.stream = static_cast<std::uint64_t>(statement.getColumn(kStream).getInt64());
  report.sequence = statement.getColumn(kSequence).getUInt();
  report.state = static_cast<protocol::ReportState>(statement.getColumn(kState).getInt());
  read_text(statement, kDeployment, report.deployment);
  read_text(statement, kVersion, report.version);
  report.image = digest_column(statement, kImage);
  read_text(statement, kCode, report.code);
  read_text(statement, kDetail, report.detail);
  read_text(statement, kResetReason, report.reset_reason);
  report.rssi_dbm = static_cast<std::int8_t>(statement.getColumn(kRssi).getInt());
  report.has_free_heap = !statement.isColumnNull(kFreeHeap);
  report.free_heap_bytes = statement.getColumn(kFreeHeap).getUInt();
  return report;
}

}  // namespace

domain::Event event_row(SQLite::Statement& statement) {
  domain::Event event;
  event.number = static_cast<std::uint64_t>(statement.getColumn(kNumber).getInt64());
  event.received = time_column(statement, kReceived);
  if (statement.isColumnNull(kStream)) {
    event.what = domain::RunningImage{statement.getColumn(kVersion).getString(),
                                      digest_column(statement, kImage)};
  } else {
    event.what = read_report(statement);
  }
  return event;
}

EventTable::EventTable(SQLite::Database& database)
    : newest_(database, "SELECT coalesce(max(number), 0) FROM event WHERE device = ?"),
      add_(database, "INSERT INTO event (device, " + std::string(kEventColumns) +
                         ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                         " ON CONFLICT (device, stream, sequence) DO NOTHING"),
      drop_(database, "DELETE FROM event WHERE device = ? AND number <= ?") {}

bool EventTable::add(const std::string& device, const domain::Report& report,
                     domain::Time received) {
  const std::int64_t number = next_number(device);
  {
    const StatementScope scope(add_);
    add_.bindNoCopy(1, device);
    add_.bind(parameter(kNumber), number);
    bind_time(add_, parameter(kReceived), received);
    bind_report(add_, report);
    if (add_.exec() == 0) return false;
  }
  drop_up_to(number - kKept, device);
  return true;
}

void EventTable::add(const std::string& device, const domain::RunningImage& image,
                     domain::Time received) {
  const std::int64_t number = next_number(device);
  {
    const StatementScope scope(add_);
    add_.bindNoCopy(1, device);
    add_.bind(parameter(kNumber), number);
    bind_time(add_, parameter(kReceived), received);
    add_.bindNoCopy(parameter(kVersion), image.version);
    bind_digest(add_, parameter(kImage), image.sha256);
    add_.exec();
  }
  drop_up_to(number - kKept, device);
}

void EventTable::remove_all(const std::string& device) {
  drop_up_to(std::numeric_limits<std::int64_t>::max(), device);
}

std::int64_t EventTable::next_number(const std::string& device) {
  const StatementScope scope(newest_);
  newest_.bindNoCopy(1, device);
  newest_.executeStep();
  return newest_.getColumn(0).getInt64() + 1;
}

void EventTable::drop_up_to(std::int64_t number, const std::string& device) {
  const StatementScope scope(drop_);
  drop_.bindNoCopy(1, device);
  drop_.bind(2, number);
  drop_.exec();
}

}  // namespace fuota::server::storage
