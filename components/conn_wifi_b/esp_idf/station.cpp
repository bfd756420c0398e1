#include "station.hpp"

#include <cstring>

#include "esp_wifi.h"

namespace fuota::connection {

namespace {

/// How often a driver that refuses to be switched off is asked.
constexpr int kSwitchOffAttemptsMax = 2;

}  // namespace

esp_err_t Station::set_up() {
  esp_err_t error = switch_off();  // what an earlier tear_down could not undo
  if (error != ESP_OK) return error;
  if (interface_ == nullptr) interface_ = esp_netif_create_default_wifi_sta();

  wifi_init_config_t driver = WIFI_INIT_CONFIG_DEFAULT();
  error = esp_wifi_init(&driver);
  if (error != ESP_OK) return error;
  initialised_ = true;

  // Else every connection would write SSID and password to flash.
  error = esp_wifi_set_storage(WIFI_STORAGE_RAM);
  if (error == ESP_OK) error = register_handlers();
  if (error == ESP_OK) error = esp_wifi_set_mode(WIFI_MODE_STA);
  if (error != ESP_OK) return error;
  started_ = true;  // even one that failed may have to be stopped
  return esp_wifi_start();
}

esp_err_t Station::register_handlers() {
  const esp_err_t error = esp_event_handler_instance_register(WIFI_EVENT, ESP_EVENT_ANY_ID,
                                                              &on_event, this, &wifi_handler_);
  if (error != ESP_OK) return error;
  return esp_event_handler_instance_register(IP_EVENT, ESP_EVENT_ANY_ID, &on_event, this,
                                             &ip_handler_);
}

esp_err_t Station::connect(const AccessPoint& access_point, std::uint8_t channel) {
  wifi_config_t config;
  std::memset(&config, 0, sizeof config);
  static_assert(sizeof config.sta.ssid == kSsidBytesMax, "as the driver");
  static_assert(sizeof config.sta.password == kPasswordBytesMax, "as the driver");
  std::memcpy(config.sta.ssid, access_point.ssid.data(), access_point.ssid_bytes);
  std::memcpy(config.sta.password, access_point.password.data(), access_point.password_bytes);
  config.sta.channel = channel;
  config.sta.scan_method = WIFI_ALL_CHANNEL_SCAN;
  config.sta.sort_method = WIFI_CONNECT_AP_BY_SIGNAL;
  // With a password, an open AP that calls itself the same must not get our traffic.
  config.sta.threshold.authmode =
      access_point.password_bytes == 0 ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
  config.sta.pmf_cfg.capable = true;

  const esp_err_t error = esp_wifi_set_config(WIFI_IF_STA, &config);
  if (error == ESP_ERR_WIFI_STATE) return ESP_OK;  // joining already
  return error == ESP_OK ? esp_wifi_connect() : error;
}

esp_err_t Station::disconnect() {
  return esp_wifi_disconnect();
}

esp_err_t Station::stop() {
  const esp_err_t error = esp_wifi_stop();
  if (error == ESP_OK) started_ = false;
  return error;
}

esp_err_t Station::tear_down() {
  esp_err_t first_error = ESP_OK;
  const auto note = [&first_error](esp_err_t error) {
    if (first_error == ESP_OK) first_error = error;
  };
  if (wifi_handler_ != nullptr) {
    note(esp_event_handler_instance_unregister(WIFI_EVENT, ESP_EVENT_ANY_ID, wifi_handler_));
    wifi_handler_ = nullptr;
  }
  if (ip_handler_ != nullptr) {
    note(esp_event_handler_instance_unregister(IP_EVENT, ESP_EVENT_ANY_ID, ip_handler_));
    ip_handler_ = nullptr;
  }
  note(switch_off());
  return first_error;
}

/// A driver that stayed on would be in the way of every later scan and connection.
esp_err_t Station::switch_off() {
  esp_err_t error = ESP_OK;
  for (int attempt = 0; initialised_ && attempt < kSwitchOffAttemptsMax; ++attempt) {
    error = started_ ? stop() : ESP_OK;
    if (error == ESP_OK) error = esp_wifi_deinit();
    if (error == ESP_OK) initialised_ = false;
  }
  return error;
}

void Station::destroy_interface() {
  if (interface_ == nullptr) return;
  // Not esp_netif_destroy: that leaves the driver's default handlers with a dangling pointer
  // (esp_wifi/src/wifi_default.c).
  esp_netif_destroy_default_wifi(interface_);
  interface_ = nullptr;
}

void Station::on_event(void* station, esp_event_base_t base, std::int32_t id, void* data) {
  const EventSink sink = static_cast<Station*>(station)->sink_;
  if (base == WIFI_EVENT) {
    switch (id) {
      case WIFI_EVENT_STA_START:
        return sink(StationEvent::started, 0);
      case WIFI_EVENT_STA_STOP:
        return sink(StationEvent::stopped, 0);
      case WIFI_EVENT_STA_CONNECTED:
        return sink(StationEvent::associated, 0);
      case WIFI_EVENT_STA_DISCONNECTED:
        return sink(StationEvent::disconnected,
                    static_cast<wifi_event_sta_disconnected_t*>(data)->reason);
      default:
        return;
    }
  }
  if (id == IP_EVENT_STA_GOT_IP) return sink(StationEvent::ip_assigned, 0);
  if (id == IP_EVENT_STA_LOST_IP) return sink(StationEvent::ip_lost, 0);
}

}  // namespace fuota::connection
