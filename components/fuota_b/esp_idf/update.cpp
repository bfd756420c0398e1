#include "fuota_b/update.hpp"

#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "check_answer.hpp"
#include "esp_app_format.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "http_exchange.hpp"
#include "idf_port.hpp"
#include "image_checker.hpp"
#include "observation.hpp"
#include "request_url.hpp"
#include "sdkconfig.h"
#include "slot_writer.hpp"
#include "trial.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";
constexpr std::int64_t kCheckUsMax = std::int64_t{CONFIG_FUOTA_B_CHECK_TIMEOUT_S} * 1'000'000;
constexpr std::int64_t kDownloadUsMax = std::int64_t{CONFIG_FUOTA_B_DOWNLOAD_TIMEOUT_S} * 1'000'000;
static_assert(CONFIG_FUOTA_B_CHECK_TIMEOUT_S * 1000 > CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS &&
                  CONFIG_FUOTA_B_DOWNLOAD_TIMEOUT_S * 1000 > CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS,
              "a check and a download last longer than one wait for the network");
constexpr std::size_t kCredentialBytesMax = 128;

/// Where esp_app_desc_t lies in an image: behind the image header and the first segment's
/// (esp_app_format.h).
constexpr std::size_t kDescriptorOffset =
    sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t);

Report report_of(Code code, esp_err_t error = ESP_OK) {
  Report report;
  report.code = code;
  report.error = error;
  return report;
}

/// What a check and a download need, allocated in one piece for as long as they last.
struct Workspace {
  explicit Workspace(const esp_partition_t* slot) : writer(slot) {}

  char url[kUrlBytesMax];
  char file_name[protocol::kFileNameBytesMax + 1];
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

/// Reads the whole body, the name of the update file, into `out` and terminates it.
Code read_file_name(HttpExchange& exchange, char* out, std::size_t out_bytes) {
  std::size_t length = 0;
  for (;;) {
    // One byte of room stays, for the terminator; a name that needs it is too long.
    if (length == out_bytes - 1) break;
    std::size_t bytes = 0;
    const auto result = exchange.read(reinterpret_cast<std::uint8_t*>(out) + length,
                                      out_bytes - 1 - length, &bytes);
    if (result == HttpExchange::ReadResult::lost) return Code::connection_lost;
    if (result == HttpExchange::ReadResult::end) break;
    length += bytes;
  }
  out[length] = '\0';
  if (exchange.has_content_length() &&
      exchange.content_length() != static_cast<std::int64_t>(length)) {
    return Code::bad_answer;
  }
  return length > 0 && std::strlen(out) == length ? Code::updated : Code::bad_answer;
}

/// Asks whether there is an update; `updated` means that the file's name is in the workspace.
Report check(const Server& server, const Identity& identity, const Observer& observer,
             Workspace& work) {
  if (!write_check_url(server.name, server.port, identity.device_id, identity.app_version,
                       work.url)) {
    return report_of(Code::bad_parameter);
  }
  HttpExchange exchange(esp_timer_get_time() + kCheckUsMax, observer);
  Report report = report_of(exchange.get(server, work.url));
  report.error = exchange.error();
  if (report.code != Code::updated) return report;
  report.http_status = exchange.status();
  log_status(report.http_status);
  report.code = code_of_check(report.http_status);
  if (report.code != Code::updated) return report;
  report.code = read_file_name(exchange, work.file_name, sizeof work.file_name);
  report.error = exchange.error();
  return report;
}

Code code_of(ImageError error) {
  switch (error) {
    case ImageError::none:
      return Code::updated;
    case ImageError::bad_magic:
    case ImageError::bad_segment_count:
    case ImageError::bad_segment_length:
      return Code::not_an_image;
    case ImageError::wrong_chip:
      return Code::wrong_chip;
    case ImageError::too_big:
      return Code::too_big;
    case ImageError::bad_checksum:
    case ImageError::bad_hash:
    case ImageError::truncated:
      return Code::corrupt_image;
  }
  return Code::corrupt_image;
}

/// The descriptor of the image that begins with `bytes` bytes at `image`; false when it has none.
bool read_descriptor(const std::uint8_t* image, std::size_t bytes, esp_app_desc_t* out) {
  if (bytes < kDescriptorOffset + sizeof *out) return false;
  std::memcpy(out, image + kDescriptorOffset, sizeof *out);
  return out->magic_word == ESP_APP_DESC_MAGIC_WORD;
}

/// The hash of the ELF file that the image was linked from, all zeros when it does not tell.
TrialRecord::Sha256 elf_hash_of(const std::uint8_t* image, std::size_t bytes) {
  TrialRecord::Sha256 hash{};
  esp_app_desc_t offered;
  if (read_descriptor(image, bytes, &offered)) {
    std::memcpy(hash.data(), offered.app_elf_sha256, hash.size());
  }
  return hash;
}

/// True when the image was linked from the same ELF file as the running one. A descriptor without
/// that hash tells nothing.
bool is_running_image(const std::uint8_t* image, std::size_t bytes) {
  esp_app_desc_t offered;
  if (!read_descriptor(image, bytes, &offered)) return false;
  static constexpr std::uint8_t kNoHash[sizeof offered.app_elf_sha256] = {};
  if (std::memcmp(offered.app_elf_sha256, kNoHash, sizeof kNoHash) == 0) return false;
  const esp_app_desc_t* running = running_descriptor();
  return std::memcmp(offered.app_elf_sha256, running->app_elf_sha256, sizeof kNoHash) == 0 &&
         std::memcmp(offered.version, running->version, sizeof offered.version) == 0;
}

/// One image on its way from the server into the slot.
class Installation {
 public:
  Installation(const esp_partition_t* slot, std::uint16_t chip_id, SlotWriter& writer,
               const Observer& observer)
      : slot_(slot), writer_(writer), observer_(observer), checker_(chip_id, slot->size, digest_) {}

  [[nodiscard]] bool start() { return digest_.start(); }

  Report run(HttpExchange& exchange) {
    if (exchange.has_content_length() && exchange.content_length() > slot_->size) {
      ESP_LOGE(kTag, "The image has %" PRId64 " bytes, the slot %" PRIu32,
               exchange.content_length(), static_cast<std::uint32_t>(slot_->size));
      return report_of(Code::too_big);
    }
    ESP_LOGI(kTag, "Starting OTA...");
    ESP_LOGI(kTag, "Writing to partition subtype %d at offset 0x%" PRIx32,
             static_cast<int>(slot_->subtype), static_cast<std::uint32_t>(slot_->address));
    Report report = receive(exchange);
    if (report.code == Code::updated) report = complete();
    return report;
  }

 private:
  Report receive(HttpExchange& exchange) {
    bool first_sector = true;
    for (;;) {
      std::size_t bytes = 0;
      const auto result = exchange.read(writer_.room(), writer_.room_bytes(), &bytes);
      if (result == HttpExchange::ReadResult::end) break;
      if (result == HttpExchange::ReadResult::lost) {
        // v4.4 reports a body without a length that ends with a read as lost; the image itself
        // tells that it is whole.
        if (!exchange.has_content_length() && checker_.is_whole()) break;
        return report_of(Code::connection_lost, exchange.error());
      }
      const ImageError image_error = checker_.feed(writer_.room(), bytes);
      if (image_error != ImageError::none) return report_of(code_of(image_error));
      // Nothing is erased before the beginning of the image is known to be welcome.
      if (first_sector && bytes == writer_.room_bytes()) {
        first_sector = false;
        if (is_running_image(writer_.sector(), kSectorBytes)) return report_of(Code::same_image);
        elf_ = elf_hash_of(writer_.sector(), kSectorBytes);
        if (failed_before(elf_)) return report_of(Code::failed_before);
      }
      const esp_err_t error = writer_.take(bytes);
      if (error == ESP_ERR_INVALID_SIZE) return report_of(Code::too_big, error);
      if (error != ESP_OK) return report_of(Code::flash, error);
    }
    // Behind a server that gives no length, the image itself tells whether it is whole.
    return report_of(code_of(checker_.finish()));
  }

  Report complete() {
    report_alive(observer_);
    if (is_installed_image()) return report_of(Code::same_image);
    report_alive(observer_);
    esp_err_t error = writer_.finish();
    if (error != ESP_OK) return report_of(Code::flash, error);
    TrialRecord::Sha256 hash = checker_.hash();
    if (!checker_.has_hash()) error = esp_partition_get_sha256(slot_, hash.data());
    if (error != ESP_OK) return report_of(Code::image_refused, error);
    report_alive(observer_);
    remember_trial(slot_, hash, elf_);
    // ESP-IDF verifies the slot itself, and then writes which slot to boot.
    error = esp_ota_set_boot_partition(slot_);
    if (error != ESP_OK) forget_trial();
    report_alive(observer_);
    if (error == ESP_ERR_OTA_VALIDATE_FAILED) return report_of(Code::image_refused, error);
    if (error != ESP_OK) return report_of(Code::flash, error);
    return report_of(Code::updated);
  }

  /// The same by content, for images whose descriptor does not tell.
  bool is_installed_image() const {
    std::uint8_t running[kSha256Bytes];
    return checker_.has_hash() &&
           esp_partition_get_sha256(esp_ota_get_running_partition(), running) == ESP_OK &&
           std::memcmp(running, checker_.hash().data(), kSha256Bytes) == 0;
  }

  const esp_partition_t* slot_;
  SlotWriter& writer_;
  const Observer& observer_;
  Sha256 digest_;
  ImageChecker checker_;
  TrialRecord::Sha256 elf_{};  ///< of the offered image's descriptor
};

/// The chip that we are: what the running image was built for.
esp_err_t read_chip_id(std::uint16_t* chip_id) {
  esp_image_header_t header;
  const esp_err_t error =
      esp_partition_read(esp_ota_get_running_partition(), 0, &header, sizeof header);
  *chip_id = static_cast<std::uint16_t>(header.chip_id);
  return error;
}

Report download(const Server& server, const esp_partition_t* slot, const Observer& observer,
                Workspace& work) {
  std::uint16_t chip_id = 0;
  const esp_err_t error = read_chip_id(&chip_id);
  if (error != ESP_OK) return report_of(Code::flash, error);
  if (!write_file_url(server.name, server.port, work.file_name, work.url)) {
    return report_of(Code::bad_answer);
  }
  const Announcement announcement(observer);
  ESP_LOGI(kTag, "Requesting %s", work.file_name);
  HttpExchange exchange(esp_timer_get_time() + kDownloadUsMax, observer);
  Report report = report_of(exchange.get(server, work.url));
  report.error = exchange.error();
  if (report.code != Code::updated) return report;
  const int status = exchange.status();
  report.code = code_of_download(status);
  if (report.code == Code::updated) {
    Installation installation(slot, chip_id, work.writer, observer);
    report = installation.start() ? installation.run(exchange) : report_of(Code::no_memory);
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

Report run(const Server& server, const Identity& identity, const Observer& observer) {
  if (!is_usable(server, identity)) return report_of(Code::bad_parameter);
  const esp_partition_t* slot = esp_ota_get_next_update_partition(nullptr);
  if (slot == nullptr || slot == esp_ota_get_running_partition()) return report_of(Code::no_slot);
  ESP_LOGI(kTag, "Starting update with %s:%u", server.name, static_cast<unsigned>(server.port));

  const WorkspacePointer work = make_workspace(slot);
  if (work == nullptr) return report_of(Code::no_memory, ESP_ERR_NO_MEM);
  const Report answer = check(server, identity, observer, *work);
  if (is_valid_answer(answer.code)) {
    const esp_err_t error = confirm_running_image();
    if (error != ESP_OK) ESP_LOGE(kTag, "Cannot confirm: %s", esp_err_to_name(error));
  }
  if (answer.code != Code::updated) return answer;
  // The slot that a trial may have to fall back to must not be overwritten.
  if (is_on_trial()) return report_of(Code::on_trial);
  const esp_err_t error = keep_way_back();
  if (error != ESP_OK) return report_of(Code::flash, error);
  report_alive(observer);
  return download(server, slot, observer, *work);
}

}  // namespace

Report check_and_update(const Server& server, const Identity& identity, const Observer& observer) {
  const Report report = run(server, identity, observer);
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
