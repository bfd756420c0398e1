/* Lists the access points in range, again and again. */

#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "scan_wifi_b.h"

enum { kRecords = 20, kPauseMs = 10000 };

static const char kTag[] = "LIST";

/* Too much for a stack. */
static wifi_ap_record_t g_records[kRecords];

void app_main(void) {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());

  for (;;) {
    uint8_t found = 0;
    if (swb_scan_b(kRecords, g_records, &found) != SWB_SUCCESS) ESP_LOGE(kTag, "No scan");
    for (uint8_t i = 0; i < found; ++i) {
      /* The driver terminates the SSID with a NUL. */
      ESP_LOGI(kTag, "%4d dBm  channel %2u  %s", (int)g_records[i].rssi,
               (unsigned)g_records[i].primary, (const char*)g_records[i].ssid);
    }
    ESP_LOGI(kTag, "%u in range", (unsigned)found);
    vTaskDelay(pdMS_TO_TICKS(kPauseMs));
  }
}
