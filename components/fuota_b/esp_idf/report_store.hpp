#pragma once

#include "esp_err.h"
#include "fuota_protocol/update_report.hpp"
#include "nvs.h"

/// Reports on their way to the server, kept in NVS until it has them: namespace "fuota_b", keys
/// "reports" and "report0" to "report7". They are delivered in their order, and none is lost or
/// told twice by a power loss: the server knows each by its stream and sequence.
namespace fuota::update {

/// Keeps `report`, whose stream and sequence are given here, for the next contact, unless the last
/// ones have said the same. When kReportsMax wait already, the oldest gives way. Two writes to NVS.
/// ESP_OK, or what NVS says; nothing that matters to the update depends on it.
[[nodiscard]] esp_err_t keep_report(protocol::UpdateReport& report);

/// The oldest report that waits. ESP_ERR_NVS_NOT_FOUND when none does; or what NVS says.
[[nodiscard]] esp_err_t load_oldest_report(protocol::UpdateReport& report);

/// Ends the wait of all reports: NVS has no room, and there is something to note that an update
/// can't do without. ESP_OK when a report gave its room away, ESP_ERR_NVS_NOT_FOUND when none
/// waits.
[[nodiscard]] esp_err_t give_up_reports();

/// Calls `write`, which returns what NVS says; once more, when there is no room for it and reports
/// give theirs. Returns what it returned last.
template <typename Write>
[[nodiscard]] esp_err_t write_before_reports(Write write) {
  const esp_err_t error = write();
  if (error != ESP_ERR_NVS_NOT_ENOUGH_SPACE || give_up_reports() != ESP_OK) return error;
  return write();
}

/// Ends the wait of `report`, as `load_oldest_report` gave it: the server has it.
[[nodiscard]] esp_err_t drop_report(const protocol::UpdateReport& report);

}  // namespace fuota::update
