#include "report_delivery.hpp"

#include <cinttypes>

#include "esp_log.h"
#include "nvs.h"
#include "report_record.hpp"
#include "report_store.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

static_assert(protocol::kFormattedReportBytesMax + kUrlBytesMax <= kSectorBytes,
              "a report and its URL fit the sector's buffer");

/// Whether the report is done with: the server has it, or will never take it.
bool deliver(HttpConnection& connection, const char* url, char* json,
             const protocol::UpdateReport& report) {
  HttpRequest request;
  request.url = url;
  request.content_type = "application/json";
  request.body = json;
  request.body_bytes = protocol::format_report(report, json);
  const Code sent = connection.perform(request);
  if (sent != Code::updated) {
    ESP_LOGW(kTag, "A report waits: %s", describe(sent));
    return false;
  }
  const int status = connection.status();
  if (status >= 200 && status <= 299) return true;
  ESP_LOGW(kTag, "A report (%" PRIu32 ") was not taken: HTTP status %d", report.sequence, status);
  return status == 400 || status == 413;
}

}  // namespace

void deliver_reports(HttpConnection& connection, const Server& server, const Identity& identity,
                     Workspace& work) {
  char* json = reinterpret_cast<char*>(work.writer.lend());
  char* url = json + protocol::kFormattedReportBytesMax;
  for (std::uint32_t delivered = 0; delivered < kReportsMax; ++delivered) {
    protocol::UpdateReport report;
    esp_err_t error = load_oldest_report(report);
    if (error == ESP_ERR_NVS_NOT_FOUND) return;
    if (error == ESP_OK &&
        (!write_device_url(server.name, server.port, identity.device_id, "/reports", url) ||
         !deliver(connection, url, json, report))) {
      return;
    }
    if (error == ESP_OK) error = drop_report(report);
    if (error != ESP_OK) {
      ESP_LOGW(kTag, "Reports wait: %s", esp_err_to_name(error));
      return;
    }
  }
}

}  // namespace fuota::update
