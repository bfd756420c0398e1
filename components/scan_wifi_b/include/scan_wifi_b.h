#pragma once

/* Blocking scan for Wi-Fi access points (APs): the C API.
 *
 * May be called from any task but the event loop task, the timer task or an interrupt; one call at
 * a time. The application calls nvs_flash_init() and esp_event_loop_create_default() before. */

#include <stdint.h>

#include "esp_wifi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  SWB_SUCCESS,
  SWB_ERROR,
} swb_status_t;

/* Scans all channels actively and writes the strongest APs, strongest first, to `ap_records`.
 * Hidden APs are not reported; an AP with several radios is reported once for each (they differ by
 * BSSID).
 *
 * ap_nb: how many records there is room for, 1 to 255. found_ap_nb: how many were written, 0 to
 * ap_nb. Wi-Fi must be off; it is off again when the function returns. Blocks while the channels
 * are scanned, about 2 s unless configured otherwise. Returns SWB_ERROR, with *found_ap_nb = 0
 * where it isn't NULL, when a parameter is NULL or 0, when Wi-Fi is in use, or when the driver
 * refuses. */
swb_status_t swb_scan_b(uint8_t ap_nb, wifi_ap_record_t* ap_records, uint8_t* found_ap_nb);

#ifdef __cplusplus
}
#endif
