#pragma once

#include "esp_err.h"
#include "fuota_protocol/update_report.hpp"

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

/// Ends the wait of `report`, as `load_oldest_report` gave it: the server has it.
[[nodiscard]] esp_err_t drop_report(const protocol::UpdateReport& report);

}  // namespace fuota::update
