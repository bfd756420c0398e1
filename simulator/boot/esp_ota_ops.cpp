#include "esp_ota_ops.h"

#include <cstring>
#include <optional>

#include "esp_log.h"
#include "esp_system.h"
#include "simulator/boot/application.hpp"
#include "simulator/kernel/misuse.hpp"

/// esp_ota_ops.h by the rules of ESP-IDF's esp_ota_ops.c, without anti-rollback, secure boot and
/// flash encryption; where versions differ, as OtaBehaviour says. Every function that writes may
/// end in a power cut, which drops the task without unwinding its stack: nothing here owns memory
/// across such a call.

using simulator::boot::active_entry;
using simulator::boot::Application;
using simulator::boot::has_right_crc;
using simulator::boot::ImageUse;
using simulator::boot::is_invalid;
using simulator::boot::is_valid;
using simulator::boot::kSeqBlank;
using simulator::boot::OtaBehaviour;
using simulator::boot::Otadata;
using simulator::boot::OtadataEntry;
using simulator::boot::Prefer;
using simulator::boot::slot_of;
using simulator::boot::Update;
using simulator::kernel::misuse;

namespace {

constexpr char kTag[] = "esp_ota_ops";

/// The otadata partition with what it holds.
struct Selection {
  const esp_partition_t* partition;
  Otadata entries;
  unsigned slot_count;

  [[nodiscard]] const OtadataEntry& entry(int index) const {
    return entries[static_cast<std::size_t>(index)];
  }
};

const esp_partition_t* find_app(unsigned subtype) {
  return esp_partition_find_first(ESP_PARTITION_TYPE_APP,
                                  static_cast<esp_partition_subtype_t>(subtype), nullptr);
}

const esp_partition_t* find_slot(unsigned slot) {
  return find_app(ESP_PARTITION_SUBTYPE_APP_OTA_MIN + slot);
}

bool is_ota_slot(const esp_partition_t& partition) {
  return partition.type == ESP_PARTITION_TYPE_APP &&
         partition.subtype >= ESP_PARTITION_SUBTYPE_APP_OTA_MIN &&
         partition.subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MAX;
}

std::optional<Selection> read_selection() {
  Selection selection{};
  selection.partition =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, nullptr);
  if (selection.partition == nullptr) {
    ESP_LOGE(kTag, "not found otadata");
    return std::nullopt;
  }
  for (std::size_t i = 0; i < selection.entries.size(); ++i) {
    const std::size_t offset = i * selection.partition->erase_size;
    if (esp_partition_read(selection.partition, offset, &selection.entries[i],
                           sizeof selection.entries[i]) != ESP_OK) {
      return std::nullopt;
    }
  }
  selection.slot_count = esp_ota_get_app_partition_count();
  return selection;
}

int other(int entry) {
  return 1 - entry;
}

esp_err_t erase_entry(const Selection& selection, int index) {
  const std::uint32_t sector = selection.partition->erase_size;
  return esp_partition_erase_range(selection.partition, static_cast<std::size_t>(index) * sector,
                                   sector);
}

/// Gives the entry a sequence number and a state and writes it; its label stays as it is.
esp_err_t write_entry(Selection& selection, int index, std::uint32_t seq,
                      esp_ota_img_states_t state) {
  OtadataEntry& entry = selection.entries[static_cast<std::size_t>(index)];
  entry.ota_seq = seq;
  entry.ota_state = state;
  entry.crc = simulator::boot::otadata_crc(seq);
  if (const esp_err_t error = erase_entry(selection, index)) return error;
  return esp_partition_write(selection.partition,
                             static_cast<std::size_t>(index) * selection.partition->erase_size,
                             &entry, sizeof entry);
}

/// The slot of the entry that is not active, if the entry can be believed and the slot is not
/// running. `entry` is set with it.
const esp_partition_t* find_last_boot_slot(const Selection& selection, int& entry) {
  const auto active = active_entry(selection.entries);
  if (!active || selection.slot_count == 0) return nullptr;
  entry = other(*active);
  const OtadataEntry& inactive = selection.entry(entry);
  if (inactive.ota_seq == kSeqBlank || !has_right_crc(inactive)) return nullptr;
  const esp_partition_t* slot = find_slot(slot_of(inactive, selection.slot_count));
  return slot == esp_ota_get_running_partition() ? nullptr : slot;
}

/// What esp_ota_begin does since v5.5, so that a power cut during the download can't lead to an
/// old entry that selects the slot being overwritten.
void invalidate_inactive_entry() {
  const auto selection = read_selection();
  int entry = 0;
  if (selection && find_last_boot_slot(*selection, entry) != nullptr) {
    erase_entry(*selection, entry);
  }
}

const OtaBehaviour& behaviour() {
  return Application::current().behaviour();
}

bool is_running_on_trial() {
  esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
  return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
         state == ESP_OTA_IMG_PENDING_VERIFY;
}

esp_err_t check_may_be_updated(const esp_partition_t& partition) {
  if (partition.type != ESP_PARTITION_TYPE_APP && behaviour().begin_takes_data_partitions) {
    return ESP_OK;
  }
  if (!is_ota_slot(partition)) return ESP_ERR_INVALID_ARG;
  if (&partition == esp_ota_get_running_partition()) return ESP_ERR_OTA_PARTITION_CONFLICT;
  if (Application::current().options().rollback && is_running_on_trial()) {
    ESP_LOGE(kTag, "Running app has not confirmed state (ESP_OTA_IMG_PENDING_VERIFY)");
    return ESP_ERR_OTA_ROLLBACK_INVALID_STATE;
  }
  return ESP_OK;
}

/// Erases the sectors that the next `size` bytes are the first to touch.
esp_err_t erase_ahead(const Update& update, std::size_t size) {
  const std::size_t sector = update.partition->erase_size;
  const std::size_t begin = (update.written_bytes + sector - 1) / sector * sector;
  const std::size_t behind = update.written_bytes + size;
  const bool one_more = behaviour().write_erases_one_sector_too_many;
  const std::size_t end =
      (one_more ? behind / sector + 1 : (behind + sector - 1) / sector) * sector;
  if (begin >= end) return ESP_OK;
  return esp_partition_erase_range(update.partition, begin, end - begin);
}

/// What the bootloader would boot without any otadata entry.
const esp_partition_t* find_default_boot_partition() {
  if (const esp_partition_t* factory = find_app(ESP_PARTITION_SUBTYPE_APP_FACTORY)) return factory;
  for (unsigned subtype = ESP_PARTITION_SUBTYPE_APP_OTA_MIN;
       subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MAX; ++subtype) {
    if (const esp_partition_t* slot = find_app(subtype)) return slot;
  }
  if (const esp_partition_t* test = find_app(ESP_PARTITION_SUBTYPE_APP_TEST)) return test;
  ESP_LOGE(kTag, "invalid partition table, no app partitions");
  return nullptr;
}

esp_err_t select_slot(const esp_partition_t& partition) {
  auto selection = read_selection();
  if (!selection) return ESP_ERR_NOT_FOUND;
  const unsigned slot = partition.subtype & 0xFu;
  if (slot >= selection->slot_count) return ESP_ERR_INVALID_ARG;
  const esp_ota_img_states_t state =
      Application::current().options().rollback ? ESP_OTA_IMG_NEW : ESP_OTA_IMG_UNDEFINED;
  const auto active = active_entry(selection->entries);
  if (!active) return write_entry(*selection, 0, slot + 1, state);
  const bool selected = slot_of(selection->entry(*active), selection->slot_count) == slot;
  if (selected && behaviour().set_boot_rewrites_active_entry) {
    return write_entry(*selection, *active, selection->entry(*active).ota_seq, state);
  }
  const std::uint32_t seq =
      simulator::boot::next_seq(selection->entry(*active).ota_seq, slot, selection->slot_count);
  return write_entry(*selection, other(*active), seq, state);
}

esp_err_t select_factory() {
  const esp_partition_t* otadata =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, nullptr);
  if (otadata == nullptr) return ESP_ERR_NOT_FOUND;
  return esp_partition_erase_range(otadata, 0, otadata->size);
}

/// Gives the active entry its verdict.
esp_err_t judge_active_entry(esp_ota_img_states_t verdict) {
  auto selection = read_selection();
  if (!selection) return ESP_ERR_NOT_FOUND;
  const auto active = active_entry(selection->entries);
  if (!active || selection->slot_count == 0) {
    ESP_LOGE(kTag, "Running firmware is factory");
    return ESP_FAIL;
  }
  const OtadataEntry& entry = selection->entry(*active);
  if (verdict == ESP_OTA_IMG_VALID && entry.ota_state == ESP_OTA_IMG_VALID) return ESP_OK;
  if (verdict == ESP_OTA_IMG_INVALID && !esp_ota_check_rollback_is_possible()) {
    ESP_LOGE(kTag, "Rollback is not possible, do not have any suitable apps in slots");
    return ESP_ERR_OTA_ROLLBACK_FAILED;
  }
  return write_entry(*selection, *active, entry.ota_seq, verdict);
}

}  // namespace

extern "C" {

esp_err_t esp_ota_begin(const esp_partition_t* partition, size_t image_size,
                        esp_ota_handle_t* out_handle) {
  if (partition == nullptr || out_handle == nullptr) return ESP_ERR_INVALID_ARG;
  partition = esp_partition_verify(partition);
  if (partition == nullptr) return ESP_ERR_NOT_FOUND;
  if (const esp_err_t error = check_may_be_updated(*partition)) return error;

  const bool sequential = image_size == OTA_WITH_SEQUENTIAL_WRITES;
  *out_handle = Application::current().begin_update(*partition, sequential).handle;
  if (!sequential) {
    const bool whole = image_size == 0 || image_size == OTA_SIZE_UNKNOWN;
    const std::size_t sector = partition->erase_size;
    const std::size_t erase_size =
        whole ? partition->size : (image_size + sector - 1) / sector * sector;
    if (const esp_err_t error = esp_partition_erase_range(partition, 0, erase_size)) {
      if (!behaviour().begin_leaks_handle_of_failed_erase) {
        Application::current().forget_update(*out_handle);
      }
      return error;
    }
  }
  if (Application::current().options().rollback && is_ota_slot(*partition) &&
      behaviour().begin_erases_inactive_entry) {
    invalidate_inactive_entry();
  }
  return ESP_OK;
}

esp_err_t esp_ota_write(esp_ota_handle_t handle, const void* data, size_t size) {
  if (data == nullptr) {
    ESP_LOGE(kTag, "write data is invalid");
    return ESP_ERR_INVALID_ARG;
  }
  if (size == 0 && !behaviour().write_erases_one_sector_too_many) return ESP_OK;
  Update* update = Application::current().find_update(handle);
  if (update == nullptr) {
    ESP_LOGE(kTag, "not found the handle");
    return ESP_ERR_INVALID_ARG;
  }
  if (update->erases_as_it_writes) {
    if (const esp_err_t error = erase_ahead(*update, size)) return error;
  }
  if (size == 0) return ESP_OK;
  const auto first_byte = *static_cast<const std::uint8_t*>(data);
  if (update->written_bytes == 0 && update->partition->type == ESP_PARTITION_TYPE_APP &&
      first_byte != ESP_IMAGE_HEADER_MAGIC) {
    ESP_LOGE(kTag, "OTA image has invalid magic byte (expected 0xE9, saw 0x%02x)", first_byte);
    return ESP_ERR_OTA_VALIDATE_FAILED;
  }
  const esp_err_t error = esp_partition_write(update->partition, update->written_bytes, data, size);
  if (error == ESP_OK) update->written_bytes += static_cast<std::uint32_t>(size);
  return error;
}

esp_err_t esp_ota_write_with_offset(esp_ota_handle_t handle, const void* data, size_t size,
                                    uint32_t offset) {
  if (data == nullptr) {
    ESP_LOGE(kTag, "write data is invalid");
    return ESP_ERR_INVALID_ARG;
  }
  Update* update = Application::current().find_update(handle);
  if (update == nullptr) {
    ESP_LOGE(kTag, "OTA handle not found");
    return ESP_ERR_INVALID_ARG;
  }
  if (update->erases_as_it_writes) {
    misuse("esp_ota_write_with_offset", "begun with OTA_WITH_SEQUENTIAL_WRITES: nothing is erased");
  }
  const esp_err_t error = esp_partition_write(update->partition, offset, data, size);
  if (error == ESP_OK) update->written_bytes += static_cast<std::uint32_t>(size);
  return error;
}

esp_err_t esp_ota_end(esp_ota_handle_t handle) {
  const Update* found = Application::current().find_update(handle);
  if (found == nullptr) return ESP_ERR_NOT_FOUND;
  const Update update = *found;
  Application::current().forget_update(handle);
  if (update.written_bytes == 0) return ESP_ERR_INVALID_ARG;
  if (update.partition->type != ESP_PARTITION_TYPE_APP) return ESP_OK;
  if (Application::current().is_good(*update.partition, ImageUse::verify)) return ESP_OK;
  ESP_LOGE(kTag, "New image failed verification");
  return ESP_ERR_OTA_VALIDATE_FAILED;
}

esp_err_t esp_ota_abort(esp_ota_handle_t handle) {
  if (Application::current().find_update(handle) == nullptr) return ESP_ERR_NOT_FOUND;
  Application::current().forget_update(handle);
  return ESP_OK;
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t* partition) {
  if (partition == nullptr) return ESP_ERR_INVALID_ARG;
  if (!Application::current().is_good(*partition, ImageUse::verify)) {
    return ESP_ERR_OTA_VALIDATE_FAILED;
  }
  if (partition->type != ESP_PARTITION_TYPE_APP) return ESP_ERR_INVALID_ARG;
  if (partition->subtype == ESP_PARTITION_SUBTYPE_APP_FACTORY) return select_factory();
  return select_slot(*partition);
}

const esp_partition_t* esp_ota_get_boot_partition(void) {
  const auto selection = read_selection();
  if (!selection) return nullptr;
  const Otadata& entries = selection->entries;
  if ((is_invalid(entries[0]) && is_invalid(entries[1])) || selection->slot_count == 0) {
    return find_default_boot_partition();
  }
  const auto active = active_entry(entries);
  if (active) return find_slot(slot_of(selection->entry(*active), selection->slot_count));
  ESP_LOGE(kTag, "ota data invalid, no current app. Assuming factory");
  return find_default_boot_partition();
}

const esp_partition_t* esp_ota_get_running_partition(void) {
  return Application::current().running();
}

const esp_partition_t* esp_ota_get_next_update_partition(const esp_partition_t* start_from) {
  start_from =
      start_from == nullptr ? esp_ota_get_running_partition() : esp_partition_verify(start_from);
  if (start_from == nullptr) {
    misuse("esp_ota_get_next_update_partition", "not a partition of the table");
  }
  const esp_partition_t* first = nullptr;
  bool behind_start = false;
  for (unsigned subtype = ESP_PARTITION_SUBTYPE_APP_OTA_MIN;
       subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MAX; ++subtype) {
    const esp_partition_t* slot = find_app(subtype);
    if (slot == nullptr) continue;
    if (behind_start && slot != start_from) return slot;
    if (first == nullptr) first = slot;
    if (slot == start_from) behind_start = true;
  }
  return first;
}

esp_err_t esp_ota_get_partition_description(const esp_partition_t* partition,
                                            esp_app_desc_t* app_desc) {
  if (partition == nullptr || app_desc == nullptr) return ESP_ERR_INVALID_ARG;
  if (partition->type != ESP_PARTITION_TYPE_APP) return ESP_ERR_NOT_SUPPORTED;
  constexpr std::size_t kOffset = sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t);
  if (const esp_err_t error = esp_partition_read(partition, kOffset, app_desc, sizeof *app_desc)) {
    return error;
  }
  return app_desc->magic_word == ESP_APP_DESC_MAGIC_WORD ? ESP_OK : ESP_ERR_NOT_FOUND;
}

uint8_t esp_ota_get_app_partition_count(void) {
  std::uint8_t count = 0;
  while (count < 16 && find_slot(count) != nullptr) ++count;
  return count;
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void) {
  return judge_active_entry(ESP_OTA_IMG_VALID);
}

esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void) {
  if (const esp_err_t error = judge_active_entry(ESP_OTA_IMG_INVALID)) return error;
  ESP_LOGI(kTag, "Rollback to previously worked partition.");
  esp_restart();
}

const esp_partition_t* esp_ota_get_last_invalid_partition(void) {
  const auto selection = read_selection();
  if (!selection || selection->slot_count == 0) return nullptr;
  const auto is_refused = [](const OtadataEntry& entry) {
    return entry.ota_seq != kSeqBlank && has_right_crc(entry) &&
           (entry.ota_state == ESP_OTA_IMG_INVALID || entry.ota_state == ESP_OTA_IMG_ABORTED);
  };
  const Otadata& entries = selection->entries;
  const auto refused = simulator::boot::select(
      entries, {is_refused(entries[0]), is_refused(entries[1])}, Prefer::lowest_seq);
  if (!refused) return nullptr;
  const esp_partition_t* slot =
      find_slot(slot_of(selection->entry(*refused), selection->slot_count));
  if (slot == nullptr || !Application::current().is_good(*slot, ImageUse::verify_silent)) {
    return nullptr;
  }
  return slot;
}

esp_err_t esp_ota_get_state_partition(const esp_partition_t* partition,
                                      esp_ota_img_states_t* ota_state) {
  if (partition == nullptr || ota_state == nullptr) return ESP_ERR_INVALID_ARG;
  if (!is_ota_slot(*partition)) return ESP_ERR_NOT_SUPPORTED;
  const auto selection = read_selection();
  if (!selection || selection->slot_count == 0) return ESP_ERR_NOT_FOUND;
  const unsigned slot = partition->subtype & 0xFu;
  for (const OtadataEntry& entry : selection->entries) {
    if (slot_of(entry, selection->slot_count) == slot && has_right_crc(entry)) {
      *ota_state = static_cast<esp_ota_img_states_t>(entry.ota_state);
      return ESP_OK;
    }
  }
  return ESP_ERR_NOT_FOUND;
}

esp_err_t esp_ota_erase_last_boot_app_partition(void) {
  const auto selection = read_selection();
  if (!selection) return ESP_FAIL;
  int entry = 0;
  const esp_partition_t* slot = find_last_boot_slot(*selection, entry);
  if (slot == nullptr) return ESP_FAIL;
  if (const esp_err_t error = esp_partition_erase_range(slot, 0, slot->size)) return error;
  return erase_entry(*selection, entry);
}

bool esp_ota_check_rollback_is_possible(void) {
  const auto selection = read_selection();
  if (!selection || selection->slot_count == 0) return false;
  const auto active = active_entry(selection->entries);
  if (!active) return false;
  const OtadataEntry& last = selection->entry(other(*active));
  const esp_partition_t* candidate = is_valid(last)
                                         ? find_slot(slot_of(last, selection->slot_count))
                                         : find_app(ESP_PARTITION_SUBTYPE_APP_FACTORY);
  return candidate != nullptr &&
         Application::current().is_good(*candidate, ImageUse::verify_silent);
}

}  // extern "C"
