#include "report_store.hpp"

#include "esp_log.h"
#include "esp_random.h"
#include "nvs.h"
#include "nvs_blob.hpp"
#include "report_record.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";
constexpr char kLedgerKey[] = "reports";

/// The key under which the report of that number lies.
class ReportKey {
 public:
  explicit ReportKey(std::uint32_t sequence) {
    key_[sizeof "report" - 1] = static_cast<char>('0' + sequence % kReportsMax);
  }
  [[nodiscard]] const char* text() const { return key_; }

 private:
  static_assert(kReportsMax <= 10, "one digit");
  char key_[sizeof "report0"] = "report0";
};

/// One that can't be read is as good as none, and so is one that gave way to a newer one.
esp_err_t load_report(std::uint32_t sequence, protocol::UpdateReport& report) {
  ReportRecordBytes bytes;
  std::size_t length = bytes.size();
  const esp_err_t error = load_blob(ReportKey(sequence).text(), bytes.data(), &length);
  if (error != ESP_OK && error != ESP_ERR_INVALID_VERSION) return error;
  const bool is_it =
      error == ESP_OK && decode(bytes.data(), length, report) && report.sequence == sequence;
  return is_it ? ESP_OK : ESP_ERR_NVS_NOT_FOUND;
}

std::uint64_t draw_stream() {
  std::uint64_t stream = 0;
  while (stream == 0) stream = std::uint64_t{esp_random()} << 32 | esp_random();
  return stream;
}

esp_err_t save_ledger(const ReportLedger& ledger) {
  const ReportLedgerBytes bytes = encode(ledger);
  return save_blob(kLedgerKey, bytes.data(), bytes.size());
}

/// Reads the ledger, or begins one. A report is written before the ledger takes note of it, so one
/// that a power loss kept from that is found here. `scratch` is overwritten.
esp_err_t load_ledger(ReportLedger& ledger, protocol::UpdateReport& scratch) {
  esp_err_t error = load_record<kReportLedgerBytes>(kLedgerKey, ledger);
  if (error == ESP_ERR_NVS_NOT_FOUND || error == ESP_ERR_INVALID_VERSION) {
    ledger = ReportLedger{};
    ledger.stream = draw_stream();
    return save_ledger(ledger);
  }
  if (error != ESP_OK) return error;
  error = load_report(ledger.next_sequence, scratch);
  if (error == ESP_ERR_NVS_NOT_FOUND) return ESP_OK;
  if (error != ESP_OK) return error;
  ledger.note(scratch);
  return save_ledger(ledger);
}

}  // namespace

esp_err_t keep_report(protocol::UpdateReport& report) {
  ReportLedger ledger;
  esp_err_t error = ESP_OK;
  {
    protocol::UpdateReport unnoted;
    error = load_ledger(ledger, unnoted);
  }
  if (error != ESP_OK || ledger.has_told(report)) return error;
  report.stream = ledger.stream;
  report.sequence = ledger.next_sequence;
  ReportRecordBytes bytes;
  const std::size_t length = encode(report, bytes);
  error = save_blob(ReportKey(report.sequence).text(), bytes.data(), length);
  if (error != ESP_OK) return error;
  ledger.note(report);
  return save_ledger(ledger);
}

esp_err_t load_oldest_report(protocol::UpdateReport& report) {
  ReportLedger ledger;
  esp_err_t error = load_record<kReportLedgerBytes>(kLedgerKey, ledger);
  if (error == ESP_ERR_INVALID_VERSION) return ESP_ERR_NVS_NOT_FOUND;
  if (error == ESP_OK) error = load_ledger(ledger, report);
  if (error != ESP_OK) return error;
  const std::uint32_t waiting_max =
      ledger.next_sequence > kReportsMax ? kReportsMax : ledger.next_sequence - 1;
  for (std::uint32_t age = waiting_max; age > 0; --age) {
    error = load_report(ledger.next_sequence - age, report);
    if (error == ESP_ERR_NVS_NOT_FOUND) continue;
    report.stream = ledger.stream;
    return error;
  }
  return ESP_ERR_NVS_NOT_FOUND;
}

esp_err_t give_up_reports() {
  esp_err_t result = ESP_ERR_NVS_NOT_FOUND;
  for (std::uint32_t key = 0; key < kReportsMax; ++key) {
    const ReportKey report(key);
    std::size_t bytes = 0;
    const bool waits = load_blob(report.text(), nullptr, &bytes) == ESP_OK;
    if (waits && erase_blob(report.text()) == ESP_OK) result = ESP_OK;
  }
  if (result == ESP_OK) ESP_LOGW(kTag, "Reports are given up: NVS has no room for them");
  return result;
}

esp_err_t drop_report(const protocol::UpdateReport& report) {
  return erase_blob(ReportKey(report.sequence).text());
}

}  // namespace fuota::update
