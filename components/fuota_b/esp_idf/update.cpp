#include "fuota_b/update.hpp"

#include <cinttypes>
#include <cstring>

#include "body.hpp"
#include "check_answer.hpp"
#include "chip_name.hpp"
#include "counter_store.hpp"
#include "document_log.hpp"
#include "download.hpp"
#include "enrolling.hpp"
#include "enrolment.hpp"
#include "es256.hpp"
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "esp_timer.h"
#include "fuota_protocol/offer.hpp"
#include "http_connection.hpp"
#include "installation.hpp"
#include "observation.hpp"
#include "offered_release.hpp"
#include "report.hpp"
#include "report_delivery.hpp"
#include "reporting.hpp"
#include "root_store.hpp"
#include "root_update.hpp"
#include "running_image.hpp"
#include "sdkconfig.h"
#include "trial.hpp"
#include "workspace.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";
/// NUL-terminated, as ESP-IDF wants it.
constexpr const char* kCheckAccept = protocol::kCheckAccept.data();
constexpr std::int64_t kCheckUsMax = std::int64_t{CONFIG_FUOTA_B_CHECK_TIMEOUT_S} * 1'000'000;
constexpr std::int64_t kDownloadUsMax = std::int64_t{CONFIG_FUOTA_B_DOWNLOAD_TIMEOUT_S} * 1'000'000;
static_assert(CONFIG_FUOTA_B_CHECK_TIMEOUT_S * 1000 > CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS &&
                  CONFIG_FUOTA_B_DOWNLOAD_TIMEOUT_S * 1000 > CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS,
              "a check and a download last longer than one wait for the network");
constexpr std::size_t kCredentialBytesMax = 128;

bool is_text(const char* text, std::size_t bytes_max) {
  if (text == nullptr) return false;
  const std::size_t length = strnlen(text, bytes_max + 1);
  return length > 0 && length <= bytes_max;
}

/// Whether there is something to authenticate with, and nothing that can't be used for it.
bool has_usable_credentials(const Server& server, const Identity& identity) {
  const bool has_certificate = server.client_certificate_pem != nullptr;
  if (has_certificate != (server.client_key_pem != nullptr)) return false;
  if (server.fleet_key != nullptr) {
    // The username of HTTP Basic ends with the first colon (RFC 7617 section 2).
    return is_text(server.fleet_key, kCredentialBytesMax) &&
           std::strchr(identity.device_id, ':') == nullptr;
  }
  if (has_certificate && server.username == nullptr) return true;
  return is_text(server.username, kCredentialBytesMax) &&
         is_text(server.password, kCredentialBytesMax);
}

bool is_usable(const Server& server, const Identity& identity) {
  return server.name != nullptr && server.certificate_pem != nullptr &&
         server.certificate_pem[0] != '\0' &&
         is_text(identity.device_id, protocol::kDeviceIdBytesMax) &&
         is_text(identity.app_version, protocol::kVersionBytesMax) &&
         has_usable_credentials(server, identity);
}

/// Null: no signature is asked for.
bool is_usable(const ReleasePolicy* policy) {
  if (policy == nullptr || policy->key_count == 0) return true;
  return policy->key_count <= kReleaseKeysMax && policy->threshold >= 1 &&
         policy->threshold <= policy->key_count;
}

void log_status(int status) {
  const char* phrase = reason_phrase(status);
  if (status == 200) {
    ESP_LOGI(kTag, "%s", phrase);
  } else if (phrase[0] != '\0') {
    ESP_LOGW(kTag, "%s", phrase);
  } else {
    ESP_LOGW(kTag, "HTTP status %d", status);
  }
}

void log_result(const Report& report) {
  switch (report.code) {
    case Code::updated:
      ESP_LOGI(kTag, "Update successful");
      return;
    case Code::no_update:
    case Code::unknown_device:
      return;
    case Code::same_image:
    case Code::failed_before:
      ESP_LOGW(kTag, "Not installed: %s", describe(report.code));
      return;
    default:
      ESP_LOGE(kTag, "Update failed: %s: %s (HTTP status %d, %s)", name_of(report.code),
               describe(report.code), report.http_status, esp_err_to_name(report.error));
  }
}

/// One contact with the server: a check, and all that follows from its answer.
class Contact {
 public:
  Contact(const Server& server, const Identity& identity, const Observer& observer,
          const esp_partition_t* slot, Workspace& work)
      : server_(server),
        identity_(identity),
        observer_(observer),
        slot_(slot),
        work_(work),
        connection_(server, observer) {}

  [[nodiscard]] Report run();

 private:
  [[nodiscard]] bool is_native() const { return work_.trusted.key_count > 0; }
  [[nodiscard]] Report find_facts();
  [[nodiscard]] Report check();
  [[nodiscard]] Report ask_as_itself();
  [[nodiscard]] Report report_of_request(Code code) const;
  [[nodiscard]] Report ask();
  [[nodiscard]] bool write_url();
  [[nodiscard]] Code read_file_name();
  [[nodiscard]] Code read_offer();
  [[nodiscard]] Code confirm();
  [[nodiscard]] Code choose();
  [[nodiscard]] Code choose_release();
  [[nodiscard]] Code choose_file();
  [[nodiscard]] Report update();
  [[nodiscard]] Report download();
  void tell_failure(const Report& report) const;
  void deliver();

  const Server& server_;
  const Identity& identity_;
  const Observer& observer_;
  const esp_partition_t* slot_;
  Workspace& work_;
  HttpConnection connection_;
};

Report Contact::run() {
  if (is_native()) {
    const Report facts = find_facts();
    if (facts.code != Code::updated) return facts;
  }
  note_signal(identity_.rssi_dbm < 0 ? identity_.rssi_dbm : std::int8_t{0});
  connection_.set_deadline(esp_timer_get_time() + kCheckUsMax);
  Report report = check();
  if (is_valid_answer(report.code)) {
    const Code trial = confirm();
    if (trial != Code::updated) {
      report.code = trial;
    } else if (report.code == Code::updated) {
      report.code = choose();
      if (!is_success(report.code)) tell_failure(report);
    }
  }
  if (report.code != Code::updated) {
    if (report.http_status != 0) deliver();
    return report;
  }
  const std::uint32_t retry_after_s = report.retry_after_s;
  report = update();
  // What the answer to the check asked for counts where the download heard nothing else.
  if (report.retry_after_s == 0) report.retry_after_s = retry_after_s;
  return report;
}

/// What releases are held against; the sector buffer is free as yet.
Report Contact::find_facts() {
  work_.facts.product = running_product();
  work_.facts.slot_bytes = slot_->size;
  std::uint16_t chip_id = 0;
  esp_err_t error = read_chip_id(&chip_id);
  if (error != ESP_OK) return report_of(Code::flash, error);
  work_.facts.chip = chip_name(chip_id);
  error = load_counter(work_.facts.counter);
  if (error != ESP_OK) return report_of(Code::nvs, error);
  error =
      hash_running_image(work_.writer.lend(), kSectorBytes, observer_, work_.facts.running_image);
  return report_of(error == ESP_OK ? Code::updated : Code::flash, error);
}

/// Asks; and asks again, when there is an offer and the keys to judge it by were not the newest.
Report Contact::check() {
  const Report report = ask_as_itself();
  const std::uint32_t newest = connection_.headers().root_version;
  if (!is_native() || report.http_status == 0 || newest <= work_.trusted.version) return report;
  (void)follow_roots(connection_, server_, newest, work_);
  return report.code == Code::updated ? ask() : report;
}

/// Asks with the credentials that the server knows this device by; with a fleet key, it enrols
/// first where it must.
Report Contact::ask_as_itself() {
  if (server_.fleet_key == nullptr) return ask();
  const esp_err_t error = find_token(work_);
  if (error != ESP_OK) return report_of(Code::nvs, error);
  connection_.use_credentials(identity_.device_id, work_.token_text);
  Report report;
  Code enrolled = Code::updated;
  for (CheckStep step = first_step(work_.token.state); step != CheckStep::over;) {
    switch (step) {
      case CheckStep::draw:
        report.error = draw_token(work_);
        report.code = report.error == ESP_OK ? Code::updated : Code::nvs;
        break;
      case CheckStep::enrol:
      case CheckStep::enrol_again:
        report = report_of_request(enrol(connection_, server_, identity_, work_));
        enrolled = report.code;
        break;
      default:
        report = ask();
    }
    if (step != CheckStep::draw && is_valid_answer(report.code)) note_accepted(work_);
    step = next_step(step, report.code);
  }
  report.code = outcome_of_check(report.code, enrolled);
  return report;
}

/// What the connection knows of a request that ended with `code`.
Report Contact::report_of_request(Code code) const {
  Report report = report_of(code, connection_.error());
  report.http_status = connection_.status();
  report.retry_after_s = connection_.headers().retry_after_s;
  return report;
}

/// Sends the check; `updated` means that there is an offer, and that it is in the workspace.
Report Contact::ask() {
  if (!write_url()) return report_of(Code::bad_parameter);
  HttpRequest request;
  request.url = work_.url;
  if (is_native()) request.accept = kCheckAccept;
  Report report = report_of_request(connection_.perform(request));
  if (report.code != Code::updated) return report;
  log_status(report.http_status);
  report.code = code_of_check(report.http_status);
  if (report.code != Code::updated) return report;
  report.code = is_native() ? read_offer() : read_file_name();
  report.error = connection_.error();
  return report;
}

bool Contact::write_url() {
  if (!is_native()) {
    return write_check_url(server_.name, server_.port, identity_.device_id, identity_.app_version,
                           work_.url);
  }
  CheckFacts told;
  told.product = work_.facts.product;
  told.image = work_.facts.running_image;
  told.counter = work_.facts.counter;
  told.root = work_.trusted.version;
  return write_native_check_url(server_.name, server_.port, identity_.device_id,
                                identity_.app_version, told, work_.url);
}

Code Contact::read_file_name() {
  std::size_t length = 0;
  const Code code = read_body(connection_, work_.file_name, protocol::kFileNameBytesMax, &length);
  work_.file_name[length] = '\0';
  if (code != Code::updated) return code;
  return std::strlen(work_.file_name) == length ? Code::updated : Code::bad_answer;
}

Code Contact::read_offer() {
  // Nothing that isn't signed, whatever the server thinks of it.
  if (!connection_.headers().is_offer) return Code::unsigned_release;
  static_assert(protocol::kOfferBytesMax <= kSectorBytes, "an offer fits the sector's buffer");
  const Code code = read_body(connection_, reinterpret_cast<char*>(work_.writer.lend()),
                              protocol::kOfferBytesMax, &work_.offer_bytes);
  return code == Code::bad_answer ? Code::bad_offer : code;
}

/// The server can be reached, and so the running image is confirmed, if it is on trial and passes
/// its test. `updated` when nothing is on trial any more; else why the slot to fall back to is
/// still needed.
Code Contact::confirm() {
  if (is_on_trial() && observer_.self_test != nullptr) {
    switch (observer_.self_test(observer_.context)) {
      case SelfTest::passed:
        break;
      case SelfTest::not_yet:
        ESP_LOGI(kTag, "The self-test has not passed yet");
        return Code::self_test;
      case SelfTest::failed: {
        ESP_LOGE(kTag, "The self-test failed: restarting into the image before");
        const esp_err_t error = reject_running_image();
        ESP_LOGE(kTag, "That is not possible: %s", esp_err_to_name(error));
        return Code::self_test;
      }
    }
  }
  const esp_err_t error = confirm_running_image();
  if (error != ESP_OK) ESP_LOGE(kTag, "Cannot confirm: %s", esp_err_to_name(error));
  return is_on_trial() ? Code::on_trial : Code::updated;
}

/// Decides about what is offered; `updated` means that the URL of its file is in the workspace.
Code Contact::choose() {
  if (!is_native()) return choose_file();
  const Code code = choose_release();
  return code == Code::updated && failed_before(work_.update) ? Code::failed_before : code;
}

Code Contact::choose_release() {
  // The confirmation of the running image may just have raised it.
  if (load_counter(work_.facts.counter) != ESP_OK) return Code::nvs;
  const std::string_view offer(reinterpret_cast<const char*>(work_.writer.sector()),
                               work_.offer_bytes);
  Es256Verifier verifier;
  const OfferedRelease offered =
      judge_offer(offer, work_.trusted, work_.facts, verifier, work_.scratch);
  work_.update = offered.update;
  if (offered.problem) log_problem("offer", offered.problem);
  if (offered.code == Code::bad_signature) {
    ESP_LOGE(kTag, "Signed by %u trusted keys, %u are needed",
             static_cast<unsigned>(offered.signers),
             static_cast<unsigned>(work_.trusted.threshold));
  }
  if (offered.code != Code::updated) return offered.code;
  work_.release = offered.manifest;
  const std::string_view version = work_.release.version.view();
  ESP_LOGI(kTag, "Release %.*s, counter %" PRIu32 ", signed by %u trusted keys",
           static_cast<int>(version.size()), version.data(), work_.release.counter,
           static_cast<unsigned>(offered.signers));
  return write_offered_url(server_.name, server_.port, offered.url, work_.url) ? Code::updated
                                                                               : Code::bad_offer;
}

Code Contact::choose_file() {
  ESP_LOGI(kTag, "Requesting %s", work_.file_name);
  return write_file_url(server_.name, server_.port, work_.file_name, work_.url) ? Code::updated
                                                                                : Code::bad_answer;
}

/// Fetches and installs the file whose URL is in the workspace, and tells the server what became of
/// it.
Report Contact::update() {
  // Without a note of its trial, the confirmation of a release would not raise the counter.
  esp_err_t error = is_native() ? make_room_for_trial() : ESP_OK;
  if (error != ESP_OK) return report_of(Code::nvs, error);
  error = keep_way_back();
  if (error != ESP_OK) return report_of(Code::flash, error);
  report_alive(observer_);
  report_update(protocol::ReportState::downloading, work_.update);
  deliver();
  const Report report = download();
  // `same_image` too: the server was told of a download, and would wait for its end.
  if (report.code != Code::updated) tell_failure(report);
  connection_.set_deadline(esp_timer_get_time() + kCheckUsMax);
  if (connection_.is_open()) deliver();
  return report;
}

Report Contact::download() {
  Installation::Target target;
  target.slot = slot_;
  target.release = is_native() ? &work_.release : nullptr;
  target.update = &work_.update;
  const esp_err_t error = read_chip_id(&target.chip_id);
  if (error != ESP_OK) return report_of(Code::flash, error);
  const Announcement announcement(observer_);
  connection_.set_deadline(esp_timer_get_time() + kDownloadUsMax);
  return Download(target, work_.url, work_.writer, connection_, observer_).run();
}

void Contact::tell_failure(const Report& report) const {
  report_update(protocol::ReportState::failed, work_.update, name_of(report.code),
                report.error == ESP_OK ? nullptr : esp_err_to_name(report.error));
}

void Contact::deliver() {
  if (is_native()) deliver_reports(connection_, server_, identity_, work_);
}

Report run(const Server& server, const Identity& identity, const Observer& observer,
           const ReleasePolicy* policy) {
  if (!is_usable(server, identity) || !is_usable(policy)) return report_of(Code::bad_parameter);
  const esp_partition_t* slot = esp_ota_get_next_update_partition(nullptr);
  if (slot == nullptr || slot == esp_ota_get_running_partition()) return report_of(Code::no_slot);
  ESP_LOGI(kTag, "Starting update with %s:%u", server.name, static_cast<unsigned>(server.port));

  const WorkspacePointer work = make_workspace(slot);
  if (work == nullptr) return report_of(Code::no_memory, ESP_ERR_NO_MEM);
  if (policy != nullptr && policy->key_count > 0) {
    const Code keys = load_trusted_keys(*policy, work->trusted);
    if (keys != Code::updated) return report_of(keys);
  }
  return Contact(server, identity, observer, slot, *work).run();
}

Report run_and_log(const Server& server, const Identity& identity, const Observer& observer,
                   const ReleasePolicy* policy) {
  const Report report = run(server, identity, observer, policy);
  log_result(report);
  return report;
}

}  // namespace

Report check_and_update(const Server& server, const Identity& identity, const Observer& observer) {
  return run_and_log(server, identity, observer, nullptr);
}

Report check_and_update(const Server& server, const Identity& identity, const Observer& observer,
                        const ReleasePolicy& policy) {
  return run_and_log(server, identity, observer, &policy);
}

}  // namespace fuota::update

ota_status_t ota_update_b(const char* server_name, uint16_t server_port, const char* cert_pem,
                          const char* username, const char* password, const char* id,
                          const char* app_ver) {
  fuota::update::Server server;
  server.name = server_name;
  server.port = server_port;
  server.certificate_pem = cert_pem;
  server.username = username;
  server.password = password;
  fuota::update::Identity identity;
  identity.device_id = id;
  identity.app_version = app_ver;
  return status_of(fuota::update::check_and_update(server, identity).code);
}
