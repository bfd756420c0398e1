#pragma once

/// Types of ESP-IDF's Wi-Fi driver, station only, names and values as in v5.5.5 and restricted to
/// what v4.4.4 and v6.0.2 have too. Source: esp_wifi_types(_generic).h of those tags.

#include <stdbool.h>
#include <stdint.h>

#include "esp_event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  WIFI_MODE_NULL = 0,
  WIFI_MODE_STA,
  WIFI_MODE_AP,
  WIFI_MODE_APSTA,
} wifi_mode_t;

/// ESP_IF_WIFI_STA is missing on purpose: v6 removed it, WIFI_IF_STA exists everywhere.
typedef enum {
  WIFI_IF_STA = 0,
  WIFI_IF_AP,
} wifi_interface_t;

typedef enum {
  WIFI_COUNTRY_POLICY_AUTO,
  WIFI_COUNTRY_POLICY_MANUAL,
} wifi_country_policy_t;

typedef struct {
  char cc[3];
  uint8_t schan;
  uint8_t nchan;
  int8_t max_tx_power;
  wifi_country_policy_t policy;
} wifi_country_t;

/// The values are the same in all three versions; enterprise, OWE, WAPI and later modes do not
/// exist in the simulated world.
typedef enum {
  WIFI_AUTH_OPEN = 0,
  WIFI_AUTH_WEP,
  WIFI_AUTH_WPA_PSK,
  WIFI_AUTH_WPA2_PSK,
  WIFI_AUTH_WPA_WPA2_PSK,
  WIFI_AUTH_WPA2_ENTERPRISE,
  WIFI_AUTH_WPA3_PSK,
  WIFI_AUTH_WPA2_WPA3_PSK,
  WIFI_AUTH_WAPI_PSK,
} wifi_auth_mode_t;

typedef enum {
  WIFI_REASON_UNSPECIFIED = 1,
  WIFI_REASON_AUTH_EXPIRE = 2,
  WIFI_REASON_AUTH_LEAVE = 3,
  WIFI_REASON_ASSOC_TOOMANY = 5,
  WIFI_REASON_ASSOC_LEAVE = 8,
  WIFI_REASON_ASSOC_NOT_AUTHED = 9,
  WIFI_REASON_MIC_FAILURE = 14,
  WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT = 15,
  WIFI_REASON_GROUP_KEY_UPDATE_TIMEOUT = 16,
  WIFI_REASON_802_1X_AUTH_FAILED = 23,
  WIFI_REASON_BEACON_TIMEOUT = 200,
  WIFI_REASON_NO_AP_FOUND = 201,
  WIFI_REASON_AUTH_FAIL = 202,
  WIFI_REASON_ASSOC_FAIL = 203,
  WIFI_REASON_HANDSHAKE_TIMEOUT = 204,
  WIFI_REASON_CONNECTION_FAIL = 205,
  WIFI_REASON_AP_TSF_RESET = 206,
  WIFI_REASON_ROAMING = 207,
} wifi_err_reason_t;

typedef enum {
  WIFI_SECOND_CHAN_NONE = 0,
  WIFI_SECOND_CHAN_ABOVE,
  WIFI_SECOND_CHAN_BELOW,
} wifi_second_chan_t;

typedef enum {
  WIFI_SCAN_TYPE_ACTIVE = 0,
  WIFI_SCAN_TYPE_PASSIVE,
} wifi_scan_type_t;

/// Milliseconds per channel; above 1500 a station may lose its access point.
typedef struct {
  uint32_t min;
  uint32_t max;
} wifi_active_scan_time_t;

/// Milliseconds per channel. Zero means the default: active 120, passive 360.
typedef struct {
  wifi_active_scan_time_t active;
  uint32_t passive;
} wifi_scan_time_t;

typedef struct {
  uint8_t* ssid;     ///< only this SSID, NUL-terminated; NULL: any
  uint8_t* bssid;    ///< only this BSSID, 6 bytes; NULL: any
  uint8_t channel;   ///< only this channel; 0: all
  bool show_hidden;  ///< report access points that hide their SSID (as an empty one)
  wifi_scan_type_t scan_type;
  wifi_scan_time_t scan_time;
} wifi_scan_config_t;

typedef enum {
  WIFI_CIPHER_TYPE_NONE = 0,
  WIFI_CIPHER_TYPE_WEP40,
  WIFI_CIPHER_TYPE_WEP104,
  WIFI_CIPHER_TYPE_TKIP,
  WIFI_CIPHER_TYPE_CCMP,
  WIFI_CIPHER_TYPE_TKIP_CCMP,
} wifi_cipher_type_t;

typedef enum {
  WIFI_ANT_ANT0,
  WIFI_ANT_ANT1,
} wifi_ant_t;

typedef struct {
  uint8_t bssid[6];
  uint8_t ssid[33];  ///< NUL-terminated
  uint8_t primary;   ///< channel
  wifi_second_chan_t second;
  int8_t rssi;  ///< dBm
  wifi_auth_mode_t authmode;
  wifi_cipher_type_t pairwise_cipher;
  wifi_cipher_type_t group_cipher;
  wifi_ant_t ant;
  uint32_t phy_11b : 1;
  uint32_t phy_11g : 1;
  uint32_t phy_11n : 1;
  uint32_t phy_lr : 1;
  uint32_t wps : 1;
  uint32_t ftm_responder : 1;
  uint32_t ftm_initiator : 1;
  wifi_country_t country;
} wifi_ap_record_t;

typedef enum {
  WIFI_FAST_SCAN = 0,     ///< a connection takes the first match, whatever its signal
  WIFI_ALL_CHANNEL_SCAN,  ///< a connection takes the best match of all channels
} wifi_scan_method_t;

typedef enum {
  WIFI_CONNECT_AP_BY_SIGNAL = 0,
  WIFI_CONNECT_AP_BY_SECURITY,
} wifi_sort_method_t;

typedef struct {
  int8_t rssi;                ///< weakest signal to accept, dBm; 0 or more means -127
  wifi_auth_mode_t authmode;  ///< weakest protection to accept
} wifi_scan_threshold_t;

typedef enum {
  WIFI_PS_NONE,
  WIFI_PS_MIN_MODEM,
  WIFI_PS_MAX_MODEM,
} wifi_ps_type_t;

typedef struct {
  bool capable;
  bool required;
} wifi_pmf_config_t;

typedef struct {
  uint8_t ssid[32];      ///< NUL-terminated unless all 32 bytes are used
  uint8_t password[64];  ///< NUL-terminated unless it is a raw key of 64 hexadecimal digits
  wifi_scan_method_t scan_method;
  bool bssid_set;
  uint8_t bssid[6];
  uint8_t channel;
  uint16_t listen_interval;
  wifi_sort_method_t sort_method;
  wifi_scan_threshold_t threshold;
  wifi_pmf_config_t pmf_cfg;
} wifi_sta_config_t;

/// A union as on the chip, where it also configures a soft access point.
typedef union {
  wifi_sta_config_t sta;
} wifi_config_t;

typedef enum {
  WIFI_STORAGE_FLASH,
  WIFI_STORAGE_RAM,
} wifi_storage_t;

typedef enum {
  WIFI_EVENT_WIFI_READY = 0,
  WIFI_EVENT_SCAN_DONE,
  WIFI_EVENT_STA_START,
  WIFI_EVENT_STA_STOP,
  WIFI_EVENT_STA_CONNECTED,
  WIFI_EVENT_STA_DISCONNECTED,
  WIFI_EVENT_STA_AUTHMODE_CHANGE,
} wifi_event_t;

ESP_EVENT_DECLARE_BASE(WIFI_EVENT);

/// Data of WIFI_EVENT_SCAN_DONE.
typedef struct {
  uint32_t status;  ///< 0 success, 1 failure (stopped)
  uint8_t number;
  uint8_t scan_id;
} wifi_event_sta_scan_done_t;

/// Data of WIFI_EVENT_STA_CONNECTED.
typedef struct {
  uint8_t ssid[32];
  uint8_t ssid_len;
  uint8_t bssid[6];
  uint8_t channel;
  wifi_auth_mode_t authmode;
} wifi_event_sta_connected_t;

/// Data of WIFI_EVENT_STA_DISCONNECTED. `reason` is a wifi_err_reason_t.
typedef struct {
  uint8_t ssid[32];
  uint8_t ssid_len;
  uint8_t bssid[6];
  uint8_t reason;
  int8_t rssi;  ///< dBm
} wifi_event_sta_disconnected_t;

#ifdef __cplusplus
}
#endif
