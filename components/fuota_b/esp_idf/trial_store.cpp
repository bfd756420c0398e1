#include "trial_store.hpp"

#include "nvs_namespace.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "trial";

}  // namespace

esp_err_t load_trial(TrialRecord& record) {
  const NvsNamespace nvs(NVS_READONLY);
  if (nvs.error() != ESP_OK) return nvs.error();
  TrialRecordBytes bytes{};
  std::size_t length = bytes.size();
  const esp_err_t error = nvs_get_blob(nvs.handle(), kKey, bytes.data(), &length);
  if (error == ESP_ERR_NVS_INVALID_LENGTH) return ESP_ERR_INVALID_VERSION;
  if (error != ESP_OK) return error;
  return decode(bytes.data(), length, record) ? ESP_OK : ESP_ERR_INVALID_VERSION;
}

esp_err_t save_trial(const TrialRecord& record) {
  const NvsNamespace nvs(NVS_READWRITE);
  if (nvs.error() != ESP_OK) return nvs.error();
  const TrialRecordBytes bytes = encode(record);
  const esp_err_t error = nvs_set_blob(nvs.handle(), kKey, bytes.data(), bytes.size());
  return error == ESP_OK ? nvs_commit(nvs.handle()) : error;
}

esp_err_t erase_trial() {
  {
    // To open for writing would create the namespace.
    TrialRecord record;
    if (load_trial(record) == ESP_ERR_NVS_NOT_FOUND) return ESP_OK;
  }
  const NvsNamespace nvs(NVS_READWRITE);
  if (nvs.error() != ESP_OK) return nvs.error();
  const esp_err_t error = nvs_erase_key(nvs.handle(), kKey);
  return error == ESP_OK ? nvs_commit(nvs.handle()) : error;
}

}  // namespace fuota::update
