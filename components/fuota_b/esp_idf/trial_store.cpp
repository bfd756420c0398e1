#include "trial_store.hpp"

#include "nvs_blob.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "trial";
constexpr char kRoomKey[] = "room";

}  // namespace

esp_err_t load_trial(TrialRecord& record) {
  return load_record<kTrialRecordBytes>(kKey, record);
}

esp_err_t save_trial(const TrialRecord& record) {
  const TrialRecordBytes bytes = encode(record);
  return save_blob(kKey, bytes.data(), bytes.size());
}

esp_err_t try_room_for_trial() {
  const TrialRecordBytes bytes = encode(TrialRecord{});
  const esp_err_t written = save_blob(kRoomKey, bytes.data(), bytes.size());
  // Also what a power loss left there, or a write that did not succeed.
  const esp_err_t erased = erase_blob(kRoomKey);
  return written == ESP_OK ? erased : written;
}

esp_err_t erase_trial() {
  return erase_blob(kKey);
}

}  // namespace fuota::update
