#include "root_store.hpp"

#include "es256.hpp"
#include "esp_log.h"
#include "nvs.h"
#include "nvs_blob.hpp"
#include "root_record.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";
constexpr char kKey[] = "root";

}  // namespace

Code load_trusted_keys(const ReleasePolicy& built_in, ReleasePolicy& out) {
  ReleasePolicy stored;
  const esp_err_t error = load_record<kRootRecordBytes>(kKey, stored);
  if (error == ESP_ERR_NVS_NOT_FOUND || (error == ESP_OK && stored.version <= built_in.version)) {
    out = built_in;
    return Code::updated;
  }
  if (error != ESP_OK) {
    ESP_LOGE(kTag, "The trusted keys in NVS cannot be read: %s", esp_err_to_name(error));
    return Code::nvs;
  }
  for (std::size_t i = 0; i < stored.key_count; ++i) {
    stored.keys[i].id = protocol::key_id_of(stored.keys[i].key, &sha256_of);
    if (stored.keys[i].id.empty()) return Code::no_memory;
  }
  out = stored;
  return Code::updated;
}

esp_err_t save_trusted_keys(const ReleasePolicy& policy) {
  const RootRecordBytes bytes = encode(policy);
  return save_blob(kKey, bytes.data(), bytes.size());
}

}  // namespace fuota::update
