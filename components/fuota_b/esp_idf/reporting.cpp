#include "reporting.hpp"

#include <cstring>

#include "esp_log.h"
#include "esp_system.h"
#include "report_store.hpp"
#include "trial_record.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

std::int8_t g_rssi_dbm = 0;

}  // namespace

void note_signal(std::int8_t rssi_dbm) {
  g_rssi_dbm = rssi_dbm;
}

void report_update(protocol::ReportState state, const UpdateSubject& update, const char* code,
                   const char* detail) {
  if (update.empty()) return;
  protocol::UpdateReport report;
  report.state = state;
  report.deployment = update.deployment;
  report.version = update.version;
  report.image = update.file;
  report.rssi_dbm = g_rssi_dbm;
  report.free_heap_bytes = esp_get_free_heap_size();
  report.has_free_heap = true;
  // Each is a short text of ours, and fits.
  (void)report.reset_reason.assign(describe_reset(static_cast<std::uint8_t>(esp_reset_reason())));
  if (code != nullptr) (void)report.code.assign(code);
  if (detail != nullptr) (void)report.detail.assign(detail);
  const esp_err_t error = keep_report(report);
  if (error != ESP_OK) ESP_LOGW(kTag, "Cannot keep a report: %s", esp_err_to_name(error));
}

}  // namespace fuota::update
