#include "download.hpp"

#include <cinttypes>

#include "check_answer.hpp"
#include "download_answer.hpp"
#include "esp_log.h"
#include "esp_random.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs.h"
#include "observation.hpp"
#include "report.hpp"
#include "resume_store.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

/// True for what pieces that don't belong together look like.
bool is_spoiled(Code code) {
  switch (code) {
    case Code::bad_range:
    case Code::wrong_file:
    case Code::corrupt_image:
    case Code::not_an_image:
    case Code::wrong_chip:
    case Code::too_big:
    case Code::image_refused:
      return true;
    default:
      return false;
  }
}

/// A journal that stays costs a try in vain, no more: what it promises is checked.
void forget_journal() {
  const esp_err_t error = erase_resume();
  if (error != ESP_OK) {
    ESP_LOGW(kTag, "Cannot erase a download's journal: %s", esp_err_to_name(error));
  }
}

}  // namespace

Report Download::run() {
  Report report = install(true);
  if (is_patched_ && is_spoiled(report.code)) {
    ESP_LOGW(kTag, "The pieces do not fit (%s): from the beginning", name_of(report.code));
    report = install(false);
  }
  return report;
}

Report Download::install(bool takes_up) {
  is_patched_ = false;
  writer_.resume(0, {});
  Installation installation(target_, writer_, observer_);
  const Code code = take_up(installation, takes_up);
  Report report = code == Code::updated ? fetch(installation) : report_of(code);
  const int http_status = report.http_status;
  if (report.code == Code::updated) report = installation.complete();
  report.http_status = http_status;
  if (report.code == Code::updated || is_spoiled(report.code)) forget_journal();
  return report;
}

Code Download::take_up(Installation& installation, bool takes_up) {
  const Code code = installation.begin();
  if (code != Code::updated) return code;
  ResumeRecord record;
  const esp_err_t error = load_resume(record);
  if (error == ESP_ERR_NVS_NOT_FOUND) return Code::updated;
  if (takes_up && error == ESP_OK && target_.release != nullptr &&
      is_about(record, *target_.release, target_.slot->address)) {
    ESP_LOGI(kTag, "Going on at byte %" PRIu32 " of %" PRIu32, record.written_bytes,
             record.file_bytes);
    is_patched_ = true;
    const Code restored = installation.restore(record);
    // It is what the slot holds that runs already. What is offered is for its own bytes to tell.
    return restored == Code::same_image ? Code::wrong_file : restored;
  }
  forget_journal();
  return Code::updated;
}

Report Download::fetch(Installation& installation) {
  for (unsigned losses = 0;;) {
    const std::uint32_t before = installation.received_bytes();
    const Report report = fetch_piece(installation);
    if (target_.release == nullptr || !is_connection_failure(report.code)) return report;
    // The server wants to be left alone, for longer than this call is meant to last.
    if (report.retry_after_s > 0) return report;
    if (installation.received_bytes() > before) losses = 0;
    if (++losses > kRetriesMax || connection_.is_overdue()) return report;
    ESP_LOGW(kTag, "%s after %" PRIu32 " bytes", describe(report.code),
             installation.received_bytes());
    wait(losses);
  }
}

Report Download::fetch_piece(Installation& installation) {
  DownloadRequest asked;
  asked.received_bytes = installation.received_bytes();
  if (target_.release != nullptr) asked.file_bytes = target_.release->size_bytes;
  // The power failed between the last byte and the switch.
  if (asked.file_bytes != 0 && asked.received_bytes == asked.file_bytes) {
    return report_of(Code::updated);
  }
  HttpRequest request;
  request.url = url_;
  if (target_.release != nullptr) {
    request.range_begin = asked.received_bytes;
    request.if_range = &target_.release->sha256;
  }
  const Code sent = connection_.perform(request);
  if (sent != Code::updated) return report_of(sent, connection_.error());
  const DownloadDecision decision =
      judge_download(asked, connection_.status(), connection_.headers());
  Report report;
  report.code = decision.code;
  switch (decision.step) {
    case DownloadStep::take:
      is_patched_ = is_patched_ || asked.received_bytes > 0;
      report = installation.receive(connection_, 0);
      break;
    case DownloadStep::skip:
      is_patched_ = true;
      report = installation.receive(connection_, asked.received_bytes);
      break;
    case DownloadStep::restart:
      is_patched_ = true;
      report.code = Code::bad_range;
      break;
    case DownloadStep::fail:
      break;
  }
  report.http_status = connection_.status();
  report.retry_after_s = connection_.headers().retry_after_s;
  if (is_connection_failure(report.code) || report.code == Code::too_slow) connection_.close();
  return report;
}

void Download::wait(unsigned losses) const {
  const std::uint32_t bound_ms = 1000U << losses;
  std::uint32_t left_ms = bound_ms / 2 + esp_random() % (bound_ms / 2);
  constexpr std::uint32_t kStepMs = 1000;
  while (left_ms > 0 && !connection_.is_overdue()) {
    report_alive(observer_);
    const std::uint32_t step_ms = left_ms < kStepMs ? left_ms : kStepMs;
    vTaskDelay(pdMS_TO_TICKS(step_ms));
    left_ms -= step_ms;
  }
}

}  // namespace fuota::update
