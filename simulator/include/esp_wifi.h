#pragma once

/// ESP-IDF's Wi-Fi driver, station only, as of v5.5.5 and restricted to what v4.4.4 and v6.0.2 have
/// too. Sources of the rules: esp_wifi.h and docs/en/api-guides/wifi.rst of those tags.
///
/// Every function returns ESP_ERR_WIFI_NOT_INIT before `esp_wifi_init`. None blocks, except
/// `esp_wifi_scan_start` when asked to. Outcomes arrive as WIFI_EVENTs on the default event loop,
/// asynchronously.

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"
#include "esp_event.h"
#include "esp_wifi_default.h"
#include "esp_wifi_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_ERR_WIFI_NOT_INIT (ESP_ERR_WIFI_BASE + 1)
#define ESP_ERR_WIFI_NOT_STARTED (ESP_ERR_WIFI_BASE + 2)
#define ESP_ERR_WIFI_NOT_STOPPED (ESP_ERR_WIFI_BASE + 3)
#define ESP_ERR_WIFI_IF (ESP_ERR_WIFI_BASE + 4)
#define ESP_ERR_WIFI_MODE (ESP_ERR_WIFI_BASE + 5)
#define ESP_ERR_WIFI_STATE (ESP_ERR_WIFI_BASE + 6)
#define ESP_ERR_WIFI_CONN (ESP_ERR_WIFI_BASE + 7)
#define ESP_ERR_WIFI_NVS (ESP_ERR_WIFI_BASE + 8)
#define ESP_ERR_WIFI_MAC (ESP_ERR_WIFI_BASE + 9)
#define ESP_ERR_WIFI_SSID (ESP_ERR_WIFI_BASE + 10)
#define ESP_ERR_WIFI_PASSWORD (ESP_ERR_WIFI_BASE + 11)
#define ESP_ERR_WIFI_TIMEOUT (ESP_ERR_WIFI_BASE + 12)
#define ESP_ERR_WIFI_WAKE_FAIL (ESP_ERR_WIFI_BASE + 13)
#define ESP_ERR_WIFI_WOULD_BLOCK (ESP_ERR_WIFI_BASE + 14)
#define ESP_ERR_WIFI_NOT_CONNECT (ESP_ERR_WIFI_BASE + 15)
#define ESP_ERR_WIFI_POST (ESP_ERR_WIFI_BASE + 18)
#define ESP_ERR_WIFI_INIT_STATE (ESP_ERR_WIFI_BASE + 19)
#define ESP_ERR_WIFI_STOP_STATE (ESP_ERR_WIFI_BASE + 20)
#define ESP_ERR_WIFI_NOT_ASSOC (ESP_ERR_WIFI_BASE + 21)
#define ESP_ERR_WIFI_TX_DISALLOW (ESP_ERR_WIFI_BASE + 22)

/// The chip's structure has more members; they differ between versions and targets, so that only
/// WIFI_INIT_CONFIG_DEFAULT() fills it.
typedef struct {
  int static_rx_buf_num;
  int dynamic_rx_buf_num;
  int nvs_enable;
  int magic;
} wifi_init_config_t;

#define WIFI_INIT_CONFIG_MAGIC 0x1F2F3F4F
#define WIFI_INIT_CONFIG_DEFAULT() \
  { 10, 32, 1, WIFI_INIT_CONFIG_MAGIC }

/// Installs the driver. A second call is ESP_OK without effect, in v6 ESP_ERR_INVALID_STATE.
/// ESP_ERR_INVALID_ARG: no configuration, or a wrong magic.
esp_err_t esp_wifi_init(const wifi_init_config_t* config);
/// Removes the driver, and a list of access points that nobody took. Events that are on their way
/// still arrive. ESP_ERR_WIFI_NOT_STOPPED while it is started.
esp_err_t esp_wifi_deinit(void);

/// WIFI_MODE_NULL or WIFI_MODE_STA; the modes of a soft access point are ESP_ERR_NOT_SUPPORTED.
esp_err_t esp_wifi_set_mode(wifi_mode_t mode);
esp_err_t esp_wifi_get_mode(wifi_mode_t* mode);

/// Then posts WIFI_EVENT_STA_START in station mode. ESP_OK without event when started already.
esp_err_t esp_wifi_start(void);
/// Then posts WIFI_EVENT_STA_DISCONNECTED (reason 8) if connected or connecting, and
/// WIFI_EVENT_STA_STOP. ESP_OK without events when stopped already.
esp_err_t esp_wifi_stop(void);

/// One attempt: its outcome is WIFI_EVENT_STA_CONNECTED or WIFI_EVENT_STA_DISCONNECTED. The
/// configuration is read now. ESP_ERR_WIFI_CONN while connecting or connected; ESP_ERR_WIFI_SSID
/// without an SSID; ESP_ERR_WIFI_NOT_STARTED; ESP_ERR_WIFI_MODE when not a station. A scan that
/// runs is aborted.
esp_err_t esp_wifi_connect(void);
/// Then posts WIFI_EVENT_STA_DISCONNECTED (reason 8) if connected or connecting; ESP_OK otherwise
/// too. ESP_ERR_WIFI_NOT_STARTED.
esp_err_t esp_wifi_disconnect(void);

/// `config` NULL: the defaults. Not blocking: WIFI_EVENT_SCAN_DONE follows. Blocking: comes back
/// when done, at most 14 times the time per channel later, and there is no event. A new scan
/// replaces one that runs, which then ends with its event (status 1), or ESP_FAIL for whom it
/// blocks. ESP_ERR_WIFI_STATE while connecting; ESP_ERR_WIFI_NOT_STARTED; ESP_ERR_INVALID_ARG for a
/// channel above 14 or more than 1500 ms per channel.
/// The list that it finds stays in the driver's heap until it is taken or cleared.
esp_err_t esp_wifi_scan_start(const wifi_scan_config_t* config, bool block);
/// Ends a scan that runs as a new one does. ESP_ERR_WIFI_STATE while connecting.
esp_err_t esp_wifi_scan_stop(void);
/// 0 after the list was taken or cleared.
esp_err_t esp_wifi_scan_get_ap_num(uint16_t* number);
/// In: room; out: records written, strongest first. Frees the whole list, also what had no room.
esp_err_t esp_wifi_scan_get_ap_records(uint16_t* number, wifi_ap_record_t* ap_records);
esp_err_t esp_wifi_clear_ap_list(void);

/// What the station is connected to; `rssi` is how it was last heard. ESP_ERR_WIFI_NOT_CONNECT when
/// not connected, ESP_ERR_WIFI_CONN before the station is started.
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t* ap_info);

/// WIFI_PS_MIN_MODEM after `esp_wifi_init`: a connected station then hears what is sent to it only
/// at the access point's beacons, up to 102.4 ms late; with WIFI_PS_MAX_MODEM at every
/// `listen_interval`th of them. ESP_ERR_INVALID_ARG: no such type.
esp_err_t esp_wifi_set_ps(wifi_ps_type_t type);
esp_err_t esp_wifi_get_ps(wifi_ps_type_t* type);

/// ESP_ERR_WIFI_MODE when not a station; ESP_ERR_WIFI_IF for another interface;
/// ESP_ERR_WIFI_PASSWORD for 64 bytes that are no hexadecimal key; ESP_ERR_WIFI_STATE while
/// connecting.
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t* conf);
esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t* conf);

/// WIFI_STORAGE_FLASH after `esp_wifi_init`: every change of configuration wears the flash. (The
/// simulator counts these writes and keeps nothing.)
esp_err_t esp_wifi_set_storage(wifi_storage_t storage);

#ifdef __cplusplus
}
#endif
