#include "fuota_b/update.hpp"

#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "check_answer.hpp"
#include "chip_name.hpp"
#include "counter_store.hpp"
#include "es256.hpp"
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "esp_timer.h"
#include "fuota_protocol/offer.hpp"
#include "http_exchange.hpp"
#include "installation.hpp"
#include "observation.hpp"
#include "offered_release.hpp"
#include "report.hpp"
#include "request_url.hpp"
#include "running_image.hpp"
#include "sdkconfig.h"
#include "slot_writer.hpp"
#include "trial.hpp"

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

/// What a check and a download need, allocated in one piece for as long as they last.
struct Workspace {
  explicit Workspace(const esp_partition_t* slot) : writer(slot) {}

  char url[kUrlBytesMax];
  char file_name[protocol::kFileNameBytesMax + 1];
  /// Of the offer, which lies in the writer's room: it is judged before an image comes there.
  std::size_t offer_bytes;
  DeviceFacts facts;
  OfferScratch offer_scratch;
  protocol::Manifest release;
  SlotWriter writer;
};

struct Destroy {
  void operator()(Workspace* work) const {
    work->~Workspace();
    std::free(work);
  }
};
using WorkspacePointer = std::unique_ptr<Workspace, Destroy>;

/// Empty when there is no memory. Not by operator new: without exceptions, even the nothrow form
/// ends in abort() on newer toolchains (cxx/cxx_exception_stubs.cpp).
WorkspacePointer make_workspace(const esp_partition_t* slot) {
  void* memory = std::malloc(sizeof(Workspace));
  return WorkspacePointer(memory == nullptr ? nullptr : ::new (memory) Workspace(slot));
}

bool is_text(const char* text, std::size_t bytes_max) {
  if (text == nullptr) return false;
  const std::size_t length = strnlen(text, bytes_max + 1);
  return length > 0 && length <= bytes_max;
}

bool is_usable(const Server& server, const Identity& identity) {
  return server.name != nullptr && server.certificate_pem != nullptr &&
         server.certificate_pem[0] != '\0' && is_text(server.username, kCredentialBytesMax) &&
         is_text(server.password, kCredentialBytesMax) &&
         is_text(identity.device_id, protocol::kDeviceIdBytesMax) &&
         is_text(identity.app_version, protocol::kVersionBytesMax);
}

bool is_usable(const ReleasePolicy& policy) {
  if (policy.key_count == 0) return true;
  return policy.key_count <= kReleaseKeysMax && policy.threshold >= 1 &&
         policy.threshold <= policy.key_count;
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

/// Reads the whole body, 1 to `capacity` bytes. `bad_answer` when it has another length.
Code read_body(HttpExchange& exchange, char* out, std::size_t capacity, std::size_t* length) {
  *length = 0;
  for (;;) {
    // One byte more tells whether a body that fills the room is over.
    char excess = 0;
    const bool is_full = *length == capacity;
    std::size_t bytes = 0;
    const auto result =
        exchange.read(reinterpret_cast<std::uint8_t*>(is_full ? &excess : out + *length),
                      is_full ? sizeof excess : capacity - *length, &bytes);
    if (result == HttpExchange::ReadResult::lost) return Code::connection_lost;
    if (result == HttpExchange::ReadResult::end) break;
    if (is_full) return Code::bad_answer;
    *length += bytes;
  }
  return *length > 0 ? Code::updated : Code::bad_answer;
}

Code read_file_name(HttpExchange& exchange, Workspace& work) {
  std::size_t length = 0;
  const Code code = read_body(exchange, work.file_name, protocol::kFileNameBytesMax, &length);
  work.file_name[length] = '\0';
  if (code != Code::updated) return code;
  return std::strlen(work.file_name) == length ? Code::updated : Code::bad_answer;
}

Code read_offer(HttpExchange& exchange, Workspace& work) {
  // Nothing that isn't signed, whatever the server thinks of it.
  if (!exchange.is_offer()) return Code::unsigned_release;
  static_assert(protocol::kOfferBytesMax <= kSectorBytes, "an offer fits the sector's buffer");
  const Code code = read_body(exchange, reinterpret_cast<char*>(work.writer.room()),
                              protocol::kOfferBytesMax, &work.offer_bytes);
  return code == Code::bad_answer ? Code::bad_offer : code;
}

/// Sends the check whose URL is in the workspace; `updated` means that the answer is there too.
Report ask(const Server& server, const Observer& observer, bool is_native, Workspace& work) {
  HttpExchange exchange(esp_timer_get_time() + kCheckUsMax, observer);
  Report report = report_of(exchange.get(server, work.url, is_native ? kCheckAccept : nullptr));
  report.error = exchange.error();
  if (report.code != Code::updated) return report;
  report.http_status = exchange.status();
  log_status(report.http_status);
  report.code = code_of_check(report.http_status);
  if (report.code != Code::updated) return report;
  report.code = is_native ? read_offer(exchange, work) : read_file_name(exchange, work);
  report.error = exchange.error();
  return report;
}

/// What releases are held against; the sector buffer is free as yet.
Report find_facts(const esp_partition_t* slot, const Observer& observer, Workspace& work) {
  work.facts.product = running_product();
  work.facts.slot_bytes = slot->size;
  std::uint16_t chip_id = 0;
  esp_err_t error = read_chip_id(&chip_id);
  work.facts.chip = chip_name(chip_id);
  if (error == ESP_OK) error = load_counter(work.facts.counter);
  if (error == ESP_OK) {
    error = hash_running_image(work.writer.room(), work.writer.room_bytes(), observer,
                               work.facts.running_image);
  }
  return report_of(error == ESP_OK ? Code::updated : Code::flash, error);
}

/// Asks whether there is an update; `updated` means that the answer is in the workspace.
Report check(const Server& server, const Identity& identity, const Observer& observer,
             Workspace& work) {
  if (!write_check_url(server.name, server.port, identity.device_id, identity.app_version,
                       work.url)) {
    return report_of(Code::bad_parameter);
  }
  return ask(server, observer, false, work);
}

/// The same natively.
Report check_natively(const Server& server, const Identity& identity, const esp_partition_t* slot,
                      const Observer& observer, Workspace& work) {
  const Report facts = find_facts(slot, observer, work);
  if (facts.code != Code::updated) return facts;
  CheckFacts told;
  told.product = work.facts.product;
  told.image = work.facts.running_image;
  told.counter = work.facts.counter;
  if (!write_native_check_url(server.name, server.port, identity.device_id, identity.app_version,
                              told, work.url)) {
    return report_of(Code::bad_parameter);
  }
  return ask(server, observer, true, work);
}

void log_problem(const protocol::DocumentProblem& problem) {
  const std::string_view what = protocol::describe(problem.error);
  ESP_LOGE(kTag, "The offer: %.*s%s%.*s", static_cast<int>(problem.member.size()),
           problem.member.data(), problem.member.empty() ? "" : " ", static_cast<int>(what.size()),
           what.data());
}

/// Judges the offer in the workspace; `updated` means that the release and the URL of its file are
/// there instead.
Code choose_release(const Server& server, const ReleasePolicy& policy, Workspace& work) {
  // The confirmation of the running image may just have raised it.
  if (load_counter(work.facts.counter) != ESP_OK) return Code::flash;
  const std::string_view offer(reinterpret_cast<const char*>(work.writer.room()), work.offer_bytes);
  Es256Verifier verifier;
  const OfferedRelease offered =
      judge_offer(offer, policy, work.facts, verifier, work.offer_scratch);
  if (offered.problem) log_problem(offered.problem);
  if (offered.code == Code::bad_signature) {
    ESP_LOGE(kTag, "Signed by %u trusted keys, %u are needed",
             static_cast<unsigned>(offered.signers), static_cast<unsigned>(policy.threshold));
  }
  if (offered.code != Code::updated) return offered.code;
  work.release = offered.manifest;
  const std::string_view version = work.release.version.view();
  ESP_LOGI(kTag, "Release %.*s, counter %" PRIu32 ", signed by %u trusted keys",
           static_cast<int>(version.size()), version.data(), work.release.counter,
           static_cast<unsigned>(offered.signers));
  return write_offered_url(server.name, server.port, offered.url, work.url) ? Code::updated
                                                                            : Code::bad_offer;
}

/// The same for the file name of a compatible check.
Code choose_file(const Server& server, Workspace& work) {
  ESP_LOGI(kTag, "Requesting %s", work.file_name);
  return write_file_url(server.name, server.port, work.file_name, work.url) ? Code::updated
                                                                            : Code::bad_answer;
}

/// Fetches and installs the file whose URL is in the workspace.
Report download(const Server& server, const esp_partition_t* slot, bool is_signed,
                const Observer& observer, Workspace& work) {
  Installation::Target target;
  target.slot = slot;
  target.release = is_signed ? &work.release : nullptr;
  const esp_err_t error = read_chip_id(&target.chip_id);
  if (error != ESP_OK) return report_of(Code::flash, error);
  const Announcement announcement(observer);
  HttpExchange exchange(esp_timer_get_time() + kDownloadUsMax, observer);
  Report report = report_of(exchange.get(server, work.url));
  report.error = exchange.error();
  if (report.code != Code::updated) return report;
  const int status = exchange.status();
  report.code = code_of_download(status);
  if (report.code == Code::updated) {
    Installation installation(target, work.writer, observer);
    report = installation.run(exchange);
  } else {
    log_status(status);
  }
  report.http_status = status;
  return report;
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
      ESP_LOGE(kTag, "Update failed: %s (HTTP status %d, %s)", describe(report.code),
               report.http_status, esp_err_to_name(report.error));
  }
}

Report run(const Server& server, const Identity& identity, const Observer& observer,
           const ReleasePolicy& policy) {
  if (!is_usable(server, identity) || !is_usable(policy)) return report_of(Code::bad_parameter);
  const esp_partition_t* slot = esp_ota_get_next_update_partition(nullptr);
  if (slot == nullptr || slot == esp_ota_get_running_partition()) return report_of(Code::no_slot);
  ESP_LOGI(kTag, "Starting update with %s:%u", server.name, static_cast<unsigned>(server.port));

  const WorkspacePointer work = make_workspace(slot);
  if (work == nullptr) return report_of(Code::no_memory, ESP_ERR_NO_MEM);
  const bool needs_signature = policy.key_count > 0;
  Report answer = needs_signature ? check_natively(server, identity, slot, observer, *work)
                                  : check(server, identity, observer, *work);
  if (is_valid_answer(answer.code)) {
    const esp_err_t error = confirm_running_image();
    if (error != ESP_OK) ESP_LOGE(kTag, "Cannot confirm: %s", esp_err_to_name(error));
  }
  if (answer.code != Code::updated) return answer;
  // The slot that a trial may have to fall back to must not be overwritten.
  if (is_on_trial()) return report_of(Code::on_trial);
  answer.code =
      needs_signature ? choose_release(server, policy, *work) : choose_file(server, *work);
  if (answer.code != Code::updated) return answer;
  const esp_err_t error = keep_way_back();
  if (error != ESP_OK) return report_of(Code::flash, error);
  report_alive(observer);
  return download(server, slot, needs_signature, observer, *work);
}

}  // namespace

Report check_and_update(const Server& server, const Identity& identity, const Observer& observer) {
  static constexpr ReleasePolicy kNoSignatureNeeded;
  return check_and_update(server, identity, observer, kNoSignatureNeeded);
}

Report check_and_update(const Server& server, const Identity& identity, const Observer& observer,
                        const ReleasePolicy& policy) {
  const Report report = run(server, identity, observer, policy);
  log_result(report);
  return report;
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
