#include "trial_store.hpp"

#include "nvs_blob.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "trial";

}  // namespace

esp_err_t load_trial(TrialRecord& record) {
  return load_record<kTrialRecordBytes>(kKey, record);
}

esp_err_t save_trial(const TrialRecord& record) {
  const TrialRecordBytes bytes = encode(record);
  return save_blob(kKey, bytes.data(), bytes.size());
}

esp_err_t erase_trial() {
  return erase_blob(kKey);
}

}  // namespace fuota::update
