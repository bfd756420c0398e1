#include "trial.hpp"

#include <cinttypes>
#include <cstring>

#include "counter_store.hpp"
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "idf_port.hpp"
#include "nvs.h"
#include "report_store.hpp"
#include "reporting.hpp"
#include "sdkconfig.h"
#include "trial_store.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

const char* g_failed_trial_code = nullptr;

constexpr std::int64_t kFailedImageRestUs =
    std::int64_t{CONFIG_FUOTA_B_FAILED_IMAGE_REST_S} * 1'000'000;

static_assert(sizeof esp_app_desc_t::app_elf_sha256 == kSha256Bytes, "as ESP-IDF has it");

TrialRecord::Sha256 elf_hash_of_running_image() {
  TrialRecord::Sha256 hash;
  std::memcpy(hash.data(), running_descriptor()->app_elf_sha256, hash.size());
  return hash;
}

/// False for what is none of ESP-IDF's states.
bool is_known(esp_ota_img_states_t state) {
  return state <= ESP_OTA_IMG_ABORTED || state == ESP_OTA_IMG_UNDEFINED;
}

SlotState state_of(const esp_partition_t* slot) {
  esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
  if (esp_ota_get_state_partition(slot, &state) != ESP_OK) return SlotState::unknown;
  switch (state) {
    case ESP_OTA_IMG_NEW:
    case ESP_OTA_IMG_PENDING_VERIFY:
      return SlotState::unfinished;
    case ESP_OTA_IMG_ABORTED:
      return SlotState::aborted;
    case ESP_OTA_IMG_INVALID:
      return SlotState::refused;
    case ESP_OTA_IMG_VALID:
    case ESP_OTA_IMG_UNDEFINED:
      return SlotState::usable;
  }
  return SlotState::usable;
}

TrialSituation situation_of(const esp_partition_t* slot) {
  TrialSituation situation;
  situation.is_running_on_trial = is_on_trial();
  situation.running_slot = static_cast<std::uint8_t>(esp_ota_get_running_partition()->subtype);
  situation.running_image = elf_hash_of_running_image();
  situation.slot_state = state_of(slot);
  situation.reset_reason = static_cast<std::uint8_t>(esp_reset_reason());
  return situation;
}

bool holds(const esp_partition_t* slot, const TrialRecord::Sha256& image) {
  TrialRecord::Sha256 found{};
  return esp_partition_get_sha256(slot, found.data()) == ESP_OK && found == image;
}

const char* describe_end(const TrialSituation& situation) {
  if (situation.slot_state == SlotState::refused) return "it rolled itself back";
  if (is_cut(situation.reset_reason)) return "cut each time";
  return describe_reset(situation.reset_reason);
}

/// The note says what was told only after that: a power loss in between makes the device find that
/// the report is there already.
void note_told(TrialRecord& record, TrialRecord::Told told) {
  record.told = told;
  const esp_err_t error = save_trial(record);
  if (error != ESP_OK) ESP_LOGW(kTag, "Cannot note a report: %s", esp_err_to_name(error));
}

/// The note of an image that failed, and still rests.
bool load_resting(TrialRecord& record) {
  return esp_timer_get_time() < kFailedImageRestUs && load_trial(record) == ESP_OK;
}

/// Puts among the reports what is still to be told about a trial.
void tell(TrialRecord& record, const TrialSituation& situation) {
  using Told = TrialRecord::Told;
  const Told told = to_be_told(record, situation.is_running_on_trial, situation.running_slot);
  if (told == Told::nothing) return;
  if (told == Told::failed) {
    report_update(protocol::ReportState::rolled_back, record.update,
                  rollback_code(situation.slot_state, record.reset_reason));
  } else {
    report_update(protocol::ReportState::installed, record.update);
  }
  note_told(record, told);
}

TrialOutcome fail(TrialRecord& record, const esp_partition_t* slot,
                  const TrialSituation& situation) {
  g_failed_trial_code = rollback_code(situation.slot_state, situation.reset_reason);
  ESP_LOGE(kTag, "The image in %s failed on trial %u: %s (%s)", slot->label,
           static_cast<unsigned>(record.trials), describe_end(situation), g_failed_trial_code);
  record.state = TrialRecord::State::failed;
  record.reset_reason = situation.reset_reason;
  const esp_err_t error = write_before_reports([&record] { return save_trial(record); });
  if (error != ESP_OK) ESP_LOGE(kTag, "Cannot remember that: %s", esp_err_to_name(error));
  tell(record, situation);
  return TrialOutcome::failed;
}

TrialOutcome retry(TrialRecord& record, const esp_partition_t* slot, std::uint8_t reset_reason,
                   std::uint8_t trials_max) {
  if (!holds(slot, record.image)) {
    ESP_LOGW(kTag, "A trial was cut, but %s no longer holds the image", slot->label);
    forget_trial();
    return TrialOutcome::nothing;
  }
  // The note is written first: a power loss behind it costs a trial, but never grants one.
  ++record.trials;
  esp_err_t error = write_before_reports([&record] { return save_trial(record); });
  if (error == ESP_OK) error = keep_way_back();
  if (error == ESP_OK) error = esp_ota_set_boot_partition(slot);
  if (error != ESP_OK) {
    ESP_LOGE(kTag, "Cannot put %s on trial again: %s", slot->label, esp_err_to_name(error));
    return TrialOutcome::nothing;
  }
  ESP_LOGW(kTag, "The trial of the image in %s was cut (%s): trial %u of %u", slot->label,
           describe_reset(reset_reason), static_cast<unsigned>(record.trials),
           static_cast<unsigned>(trials_max));
  return TrialOutcome::retried;
}

/// Ends the note about the running image, which is not on trial (any more). The counter is raised
/// and the report kept first: after a power loss in between, the note is still there to do it.
void close_trial(const TrialRecord& record) {
  const auto running_slot = static_cast<std::uint8_t>(esp_ota_get_running_partition()->subtype);
  const bool is_confirmed = is_confirmation(record, running_slot, elf_hash_of_running_image());
  const std::uint32_t counter = is_confirmed ? record.counter : 0;
  const esp_err_t error = write_before_reports([counter] { return raise_counter(counter); });
  if (error == ESP_OK && is_confirmed) {
    report_update(protocol::ReportState::confirmed, record.update);
  }
  if (error == ESP_OK) return forget_trial();
  ESP_LOGE(kTag, "Cannot raise the security counter to %" PRIu32 ": %s", counter,
           esp_err_to_name(error));
}

}  // namespace

bool is_on_trial() {
  const esp_partition_t* running = esp_ota_get_running_partition();
  esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
  if (esp_ota_get_state_partition(running, &state) != ESP_OK) return false;
  if (state == ESP_OTA_IMG_PENDING_VERIFY) return true;
  if (is_known(state)) return false;
  // A power loss in the bootloader's own write. It boots what has a state that it doesn't know, and
  // no longer ends a trial by itself: the note tells that there was one.
  TrialRecord record;
  return load_trial(record) == ESP_OK &&
         is_confirmation(record, static_cast<std::uint8_t>(running->subtype),
                         elf_hash_of_running_image());
}

esp_err_t confirm_running_image() {
  // ESP-IDF confirms the entry that otadata names, which after a fall-back of the bootloader is
  // not what runs (app_update/esp_ota_ops.c).
  const esp_partition_t* running = esp_ota_get_running_partition();
  if (esp_ota_get_boot_partition() != running) return ESP_OK;
  if (is_on_trial()) {
    const esp_err_t error = esp_ota_mark_app_valid_cancel_rollback();
    if (error != ESP_OK) return error;
    ESP_LOGI(kTag, "The server answers: image in %s confirmed", running->label);
  }
  TrialRecord record;
  if (load_trial(record) == ESP_OK && record.slot == running->subtype) close_trial(record);
  return ESP_OK;
}

esp_err_t reject_running_image() {
  // Like the confirmation, this acts on the entry that otadata names.
  if (!is_on_trial() || esp_ota_get_boot_partition() != esp_ota_get_running_partition()) {
    return ESP_ERR_INVALID_STATE;
  }
  const esp_err_t error = esp_ota_mark_app_invalid_rollback_and_reboot();
  if (error != ESP_ERR_OTA_ROLLBACK_FAILED) return error;
  // otadata names no other image: a power loss took the entry of the one before. The bootloader
  // ends a trial at any restart, and then looks for an image by itself.
  ESP_LOGW(kTag, "otadata names no image before: leaving it to the bootloader");
  esp_restart();
}

esp_err_t keep_way_back() {
  const esp_partition_t* running = esp_ota_get_running_partition();
  if (esp_ota_get_boot_partition() == running) return ESP_OK;
  ESP_LOGW(kTag, "The bootloader fell back to %s: making it its choice", running->label);
  esp_err_t error = esp_ota_set_boot_partition(running);
  if (error == ESP_ERR_OTA_VALIDATE_FAILED) {
    ESP_LOGE(kTag, "The image in %s, which runs, is damaged in flash", running->label);
    return ESP_OK;
  }
  if (error != ESP_OK) return error;
  // It proved itself already, and is not to be put on trial by the way.
  return esp_ota_mark_app_valid_cancel_rollback();
}

bool failed_before(const TrialRecord::Sha256& elf) {
  TrialRecord record;
  return load_resting(record) && is_failed(record, elf);
}

bool failed_before(const UpdateSubject& update) {
  TrialRecord record;
  return load_resting(record) && is_failed(record, update.file, update.deployment.view());
}

esp_err_t remember_trial(TrialRecord& record) {
  record.trials = 1;
  record.installer = elf_hash_of_running_image();
  const esp_err_t error = write_before_reports([&record] { return save_trial(record); });
  if (error != ESP_OK) {
    ESP_LOGW(kTag, "A power loss during the trial will count as a failure: %s",
             esp_err_to_name(error));
  }
  return error;
}

esp_err_t make_room_for_trial() {
  return write_before_reports(&try_room_for_trial);
}

void tell_installed(TrialRecord& record) {
  if (record.update.empty()) return;
  report_update(protocol::ReportState::installed, record.update);
  note_told(record, TrialRecord::Told::installed);
}

void forget_trial() {
  const esp_err_t error = erase_trial();
  if (error != ESP_OK) {
    ESP_LOGW(kTag, "Cannot erase a trial's note: %s", esp_err_to_name(error));
  }
}

TrialOutcome retry_cut_trial(std::uint8_t trials_max) {
  TrialRecord record;
  const esp_err_t error = load_trial(record);
  if (error != ESP_OK) {
    if (error != ESP_ERR_NVS_NOT_FOUND) {
      ESP_LOGW(kTag, "The note about a trial cannot be read: %s", esp_err_to_name(error));
    }
    return TrialOutcome::nothing;
  }
  const esp_partition_t* slot = esp_partition_find_first(
      ESP_PARTITION_TYPE_APP, static_cast<esp_partition_subtype_t>(record.slot), nullptr);
  if (slot == nullptr) {
    forget_trial();
    return TrialOutcome::nothing;
  }
  const TrialSituation situation = situation_of(slot);
  switch (decide(record, situation, trials_max)) {
    case TrialDecision::leave:
      tell(record, situation);
      return TrialOutcome::nothing;
    case TrialDecision::forget:
      close_trial(record);
      return TrialOutcome::nothing;
    case TrialDecision::retry:
      return retry(record, slot, situation.reset_reason, trials_max);
    case TrialDecision::fail:
      return fail(record, slot, situation);
  }
  return TrialOutcome::nothing;
}

const char* failed_trial_code() {
  return g_failed_trial_code;
}

}  // namespace fuota::update
