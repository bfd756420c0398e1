#include "installation.hpp"

#include <cinttypes>
#include <cstring>

#include "esp_app_format.h"
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "observation.hpp"
#include "report.hpp"
#include "resume_store.hpp"
#include "trial.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

/// Where esp_app_desc_t lies in an image: behind the image header and the first segment's
/// (esp_app_format.h).
constexpr std::size_t kDescriptorOffset =
    sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t);

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

}  // namespace

Installation::Installation(const Target& target, SlotWriter& writer, const Observer& observer)
    : target_(target),
      writer_(writer),
      observer_(observer),
      checker_(target.chip_id, target.slot->size, digest_) {}

Code Installation::begin() {
  return digest_.start() && file_digest_.start() ? Code::updated : Code::no_memory;
}

Code Installation::restore(const ResumeRecord& record) {
  writer_.resume(record.written_bytes, record.head);
  for (std::uint32_t offset = 0; offset < record.written_bytes; offset += kSectorBytes) {
    report_alive(observer_);
    const esp_err_t error = writer_.read_back(offset, kSectorBytes);
    if (error != ESP_OK) return Code::flash;
    Code code = take_note_of(writer_.sector(), kSectorBytes);
    if (code == Code::updated) code = check_beginning(writer_.sector(), kSectorBytes);
    if (code != Code::updated) return code;
  }
  return Code::updated;
}

Report Installation::receive(HttpConnection& connection, std::uint32_t skipped_bytes) {
  const Code length = check_length(connection);
  if (length != Code::updated) return report_of(length);
  if (file_bytes_ == 0) {
    ESP_LOGI(kTag, "Starting OTA...");
    ESP_LOGI(kTag, "Writing to partition subtype %d at offset 0x%" PRIx32,
             static_cast<int>(target_.slot->subtype),
             static_cast<std::uint32_t>(target_.slot->address));
  }
  const Report report = read_piece(connection, skipped_bytes);
  if (report.code != Code::updated) return report;
  // Behind a server that gives no length, the image itself tells whether it is whole.
  return report_of(code_of(checker_.finish()));
}

/// A length that can't be right is refused before anything is erased.
Code Installation::check_length(const HttpConnection& connection) const {
  if (file_bytes_ > 0 || !connection.headers().has_content_length) return Code::updated;
  const std::int64_t bytes = connection.headers().content_length;
  if (bytes <= target_.slot->size) return Code::updated;
  ESP_LOGE(kTag, "The image has %" PRId64 " bytes, the slot %" PRIu32, bytes,
           static_cast<std::uint32_t>(target_.slot->size));
  return Code::too_big;
}

Report Installation::read_piece(HttpConnection& connection, std::uint32_t skipped_bytes) {
  for (;;) {
    std::size_t room = writer_.room_bytes();
    if (skipped_bytes > 0 && room > skipped_bytes) room = skipped_bytes;
    std::size_t bytes = 0;
    const auto result = connection.read(writer_.room(), room, &bytes);
    if (result == HttpConnection::ReadResult::end) {
      const bool is_short = target_.release != nullptr &&
                            file_bytes_ < target_.release->size_bytes &&
                            !connection.headers().has_content_length;
      return report_of(is_short ? Code::short_read : Code::updated);
    }
    if (result == HttpConnection::ReadResult::lost) {
      // v4.4 reports a body without a length that ends with a read as lost; the image itself
      // tells that it is whole.
      if (!connection.headers().has_content_length && checker_.is_whole()) {
        return report_of(Code::updated);
      }
      return report_of(connection.code_of_loss(), connection.error());
    }
    if (skipped_bytes > 0) {
      skipped_bytes -= static_cast<std::uint32_t>(bytes);
      continue;
    }
    const Report report = take(bytes);
    if (report.code != Code::updated) return report;
  }
}

/// Takes the bytes that are in the writer's room.
Report Installation::take(std::size_t bytes) {
  Code code = take_note_of(writer_.room(), bytes);
  // Nothing is erased before the beginning of the image is known to be welcome.
  if (code == Code::updated && bytes == writer_.room_bytes()) {
    code = check_beginning(writer_.sector(), kSectorBytes);
  }
  if (code != Code::updated) return report_of(code);
  const std::uint32_t before = writer_.written_bytes();
  const esp_err_t error = writer_.take(bytes);
  if (error == ESP_ERR_INVALID_SIZE) return report_of(Code::too_big, error);
  if (error != ESP_OK) return report_of(Code::flash, error);
  const std::uint32_t written = writer_.written_bytes();
  if (written != before && written % kJournalStepBytes == 0) write_journal();
  return report_of(Code::updated);
}

Code Installation::take_note_of(const std::uint8_t* data, std::size_t bytes) {
  const Code code = code_of(checker_.feed(data, bytes));
  if (code != Code::updated) return code;
  if (target_.release != nullptr && bytes > target_.release->size_bytes - file_bytes_) {
    return Code::wrong_file;
  }
  file_bytes_ += static_cast<std::uint32_t>(bytes);
  if (target_.release == nullptr) return Code::updated;
  return file_digest_.update(data, bytes) ? Code::updated : Code::no_memory;
}

/// Looks at the first sector, of which `bytes` bytes are there.
Code Installation::check_beginning(const std::uint8_t* data, std::size_t bytes) {
  if (beginning_checked_) return Code::updated;
  beginning_checked_ = true;
  if (is_running_image(data, bytes)) return Code::same_image;
  elf_ = elf_hash_of(data, bytes);
  // A signed one is known by its manifest, and was looked up before the download.
  if (target_.release != nullptr) return Code::updated;
  return failed_before(elf_) ? Code::failed_before : Code::updated;
}

/// A journal that can't be written costs a download from the beginning, should this one break.
void Installation::write_journal() const {
  if (target_.release == nullptr) return;
  ResumeRecord record;
  record.sha256 = target_.release->sha256;
  record.file_bytes = target_.release->size_bytes;
  record.slot_offset = target_.slot->address;
  record.written_bytes = writer_.written_bytes();
  record.head = writer_.head();
  const esp_err_t error = save_resume(record);
  if (error != ESP_OK) ESP_LOGW(kTag, "No journal: %s", esp_err_to_name(error));
}

Report Installation::complete() {
  Code code = check_whole_file();
  if (code == Code::updated) code = check_beginning(writer_.sector(), writer_.sector_filled());
  if (code != Code::updated) return report_of(code);
  report_alive(observer_);
  if (is_installed_image()) return report_of(Code::same_image);
  report_alive(observer_);
  const esp_err_t error = writer_.finish();
  return error == ESP_OK ? switch_slot() : report_of(Code::flash, error);
}

/// Whatever the way that the bytes came, they are what was signed, or they are not booted.
Code Installation::check_whole_file() {
  if (target_.release == nullptr) return Code::updated;
  protocol::Sha256 hash;
  if (!file_digest_.finish(hash.data())) return Code::no_memory;
  const bool is_it = file_bytes_ == target_.release->size_bytes && hash == target_.release->sha256;
  return is_it ? Code::updated : Code::wrong_file;
}

Report Installation::switch_slot() {
  TrialRecord::Sha256 hash = checker_.hash();
  esp_err_t error = ESP_OK;
  if (!checker_.has_hash()) error = esp_partition_get_sha256(target_.slot, hash.data());
  if (error != ESP_OK) return report_of(Code::image_refused, error);
  report_alive(observer_);
  TrialRecord trial;
  trial.slot = static_cast<std::uint8_t>(target_.slot->subtype);
  trial.image = hash;
  trial.elf = elf_;
  trial.counter = target_.release != nullptr ? target_.release->counter : 0;
  trial.update = *target_.update;
  error = remember_trial(trial);
  // Without the note, the confirmation of the release would not raise the counter.
  if (error != ESP_OK && target_.release != nullptr) return report_of(Code::nvs, error);
  // ESP-IDF verifies the slot itself, and then writes which slot to boot.
  error = esp_ota_set_boot_partition(target_.slot);
  if (error != ESP_OK) forget_trial();
  report_alive(observer_);
  if (error == ESP_ERR_OTA_VALIDATE_FAILED) return report_of(Code::image_refused, error);
  // CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK: the image's own secure_version is below that of the
  // eFuses.
  if (error == ESP_ERR_OTA_SMALL_SEC_VER) return report_of(Code::old_counter, error);
  if (error != ESP_OK) return report_of(Code::flash, error);
  tell_installed(trial);
  return report_of(Code::updated);
}

/// The same by content, for images whose descriptor does not tell.
bool Installation::is_installed_image() const {
  std::uint8_t running[kSha256Bytes];
  return checker_.has_hash() &&
         esp_partition_get_sha256(esp_ota_get_running_partition(), running) == ESP_OK &&
         std::memcmp(running, checker_.hash().data(), kSha256Bytes) == 0;
}

}  // namespace fuota::update
