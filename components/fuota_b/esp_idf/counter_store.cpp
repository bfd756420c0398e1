#include "counter_store.hpp"

#include "nvs_namespace.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "counter";

}  // namespace

esp_err_t load_counter(std::uint32_t& counter) {
  counter = 0;
  const NvsNamespace nvs(NVS_READONLY);
  esp_err_t error = nvs.error();
  if (error == ESP_OK) error = nvs_get_u32(nvs.handle(), kKey, &counter);
  return error == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error;
}

esp_err_t raise_counter(std::uint32_t counter) {
  std::uint32_t highest = 0;
  esp_err_t error = load_counter(highest);
  if (error != ESP_OK || counter <= highest) return error;
  const NvsNamespace nvs(NVS_READWRITE);
  error = nvs.error();
  if (error == ESP_OK) error = nvs_set_u32(nvs.handle(), kKey, counter);
  return error == ESP_OK ? nvs_commit(nvs.handle()) : error;
}

}  // namespace fuota::update
