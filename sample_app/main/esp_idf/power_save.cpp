#include "power_save.hpp"

#include "esp_log.h"

namespace fuota::app {
namespace {

constexpr char kTag[] = "APP";

}  // namespace

void PowerSave::suspend() {
  wifi_ps_type_t mode = WIFI_PS_NONE;
  esp_err_t error = esp_wifi_get_ps(&mode);
  if (error == ESP_OK) error = esp_wifi_set_ps(WIFI_PS_NONE);
  before_ = error == ESP_OK ? mode : WIFI_PS_NONE;
  if (error != ESP_OK) {
    ESP_LOGW(kTag, "Wi-Fi power save stays on: %s", esp_err_to_name(error));
  }
}

void PowerSave::resume() {
  if (before_ == WIFI_PS_NONE) return;
  // A driver that lost its connection meanwhile is off, and begins with its default next time.
  const esp_err_t error = esp_wifi_set_ps(before_);
  if (error != ESP_OK) ESP_LOGD(kTag, "Wi-Fi power save stays off: %s", esp_err_to_name(error));
  before_ = WIFI_PS_NONE;
}

}  // namespace fuota::app
