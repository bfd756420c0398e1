#include "token_store.hpp"

#include "nvs.h"
#include "nvs_blob.hpp"
#include "report_store.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "token";

}  // namespace

esp_err_t load_token(TokenRecord& record) {
  std::size_t bytes = sizeof record;
  const esp_err_t error = load_blob(kKey, reinterpret_cast<std::uint8_t*>(&record), &bytes);
  if (error == ESP_ERR_NVS_NOT_FOUND) {
    record = TokenRecord{};
    return ESP_OK;
  }
  if (error != ESP_OK) return error;
  return bytes == sizeof record && is_known(record) ? ESP_OK : ESP_ERR_INVALID_VERSION;
}

esp_err_t save_token(const TokenRecord& record) {
  return write_before_reports([&record] {
    return save_blob(kKey, reinterpret_cast<const std::uint8_t*>(&record), sizeof record);
  });
}

}  // namespace fuota::update
