#include "nvs_blob.hpp"

#include "nvs_namespace.hpp"

namespace fuota::update {

esp_err_t load_blob(const char* key, std::uint8_t* out, std::size_t* bytes) {
  const NvsNamespace nvs(NVS_READONLY);
  if (nvs.error() != ESP_OK) return nvs.error();
  const esp_err_t error = nvs_get_blob(nvs.handle(), key, out, bytes);
  return error == ESP_ERR_NVS_INVALID_LENGTH ? ESP_ERR_INVALID_VERSION : error;
}

esp_err_t save_blob(const char* key, const std::uint8_t* data, std::size_t bytes) {
  const NvsNamespace nvs(NVS_READWRITE);
  if (nvs.error() != ESP_OK) return nvs.error();
  const esp_err_t error = nvs_set_blob(nvs.handle(), key, data, bytes);
  return error == ESP_OK ? nvs_commit(nvs.handle()) : error;
}

esp_err_t erase_blob(const char* key) {
  {
    // To open for writing would create the namespace.
    const NvsNamespace nvs(NVS_READONLY);
    std::size_t bytes = 0;
    if (nvs.error() == ESP_ERR_NVS_NOT_FOUND) return ESP_OK;
    if (nvs.error() == ESP_OK &&
        nvs_get_blob(nvs.handle(), key, nullptr, &bytes) == ESP_ERR_NVS_NOT_FOUND) {
      return ESP_OK;
    }
  }
  const NvsNamespace nvs(NVS_READWRITE);
  if (nvs.error() != ESP_OK) return nvs.error();
  const esp_err_t error = nvs_erase_key(nvs.handle(), key);
  return error == ESP_OK ? nvs_commit(nvs.handle()) : error;
}

}  // namespace fuota::update
