/* An application in C that keeps itself up to date: it looks for an access point, connects to it,
 * asks the server for an update, and restarts into what it got. Everything it does is a call of the
 * three components, and every call blocks until it is done. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "conn_wifi_b.h"
#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_ota_ops.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "fuota_b.h"
#include "nvs_flash.h"
#include "scan_wifi_b.h"
#include "sdkconfig.h"

enum { kRecords = 20, kIpTimeoutMs = 10000, kRoundMs = 30000 };

static const char kTag[] = "APP";

/* server_certs/ca_cert.pem, NUL-terminated by the build. */
extern const char g_certificate[] __asm__("_binary_ca_cert_pem_start");

/* Too much for a stack. */
static wifi_ap_record_t g_records[kRecords];

static const uint8_t* bytes(const char* text) {
  return (const uint8_t*)text;
}

static esp_err_t init_nvs(void) {
  esp_err_t error = nvs_flash_init();
  if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND) {
    error = nvs_flash_erase();
    if (error == ESP_OK) error = nvs_flash_init();
  }
  return error;
}

static bool is_in_range(const char* ssid) {
  uint8_t found = 0;
  if (swb_scan_b(kRecords, g_records, &found) != SWB_SUCCESS) {
    ESP_LOGE(kTag, "No scan");
    return false;
  }
  for (uint8_t i = 0; i < found; ++i) {
    if (strcmp((const char*)g_records[i].ssid, ssid) == 0) return true;
  }
  ESP_LOGI(kTag, "%s is not among the %u strongest access points", ssid, (unsigned)found);
  return false;
}

static bool is_connected(cwb_status_t status) {
  switch (status) {
    case CWB_OK:
    case CWB_ALREADY_CON:
      ESP_LOGI(kTag, "Connected");
      return true;
    case CWB_CONN_ERR:
      ESP_LOGW(kTag, "The access point is gone, or refuses the password");
      return false;
    case CWB_IP_TIMEOUT:
      ESP_LOGW(kTag, "No IP address");
      return false;
    case CWB_DIS:
      ESP_LOGW(kTag, "The link was lost before there was an IP address");
      return false;
    case CWB_PARAM_ERR:
      ESP_LOGE(kTag, "SSID or password cannot be used");
      return false;
    case CWB_SYS_ERR:
      ESP_LOGE(kTag, "The Wi-Fi driver refuses");
      return false;
    case CWB_DIS_TIMEOUT: /* cwb_connect_b() does not answer these two */
    case CWB_ALREADY_DIS:
      break;
  }
  return false;
}

static bool is_updated(ota_status_t status) {
  switch (status) {
    case OTA_UPDATED:
      ESP_LOGI(kTag, "Updated");
      return true;
    case OTA_NO_UPDATE:
      ESP_LOGI(kTag, "Up to date");
      return false;
    case OTA_PARAM_ERR:
      ESP_LOGE(kTag, "A setting is wrong, or the server refuses this device");
      return false;
    case OTA_CONN_ERR:
      ESP_LOGW(kTag, "The server was not reached");
      return false;
    case OTA_SYS_ERR:
      ESP_LOGE(kTag, "The update failed");
      return false;
    case OTA_OK: /* ota_update_b() does not answer this */
      break;
  }
  return false;
}

/* One round. True when a new image is installed. */
static bool update_if_in_range(const char* version) {
  if (!is_in_range(CONFIG_FUO_OTA_UPDATE_AP_SSID)) return false;
  if (!is_connected(cwb_connect_b(bytes(CONFIG_FUO_OTA_UPDATE_AP_SSID),
                                  bytes(CONFIG_FUO_OTA_UPDATE_AP_PASSWORD), kIpTimeoutMs))) {
    return false;
  }
  const ota_status_t status =
      ota_update_b(CONFIG_FUO_OTA_SERVER_NAME, CONFIG_FUO_OTA_SERVER_PORT, g_certificate,
                   CONFIG_FUO_OTA_SERVER_USERNAME, CONFIG_FUO_OTA_SERVER_PASSWORD,
                   CONFIG_FUO_DEVICE_ID, version);
  /* Whatever happens to the link now, Wi-Fi is off afterwards, and that is all we want. */
  if (cwb_disconnect_b() == CWB_SYS_ERR) ESP_LOGE(kTag, "The Wi-Fi driver refuses");
  return is_updated(status);
}

void app_main(void) {
  esp_app_desc_t running;
  ESP_ERROR_CHECK(esp_ota_get_partition_description(esp_ota_get_running_partition(), &running));
  ESP_LOGI(kTag, "%s %s", running.project_name, running.version);

  ESP_ERROR_CHECK(init_nvs());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());

  while (!update_if_in_range(running.version)) vTaskDelay(pdMS_TO_TICKS(kRoundMs));
  esp_restart();
}
