#pragma once

/// ESP-IDF's network interfaces as of v5.5.5, restricted to what v4.4.4 and v6.0.2 have too.

#include "esp_err.h"
#include "esp_netif_types.h"
#include "esp_wifi_default.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Starts the TCP/IP stack. A second call is ESP_OK without effect.
esp_err_t esp_netif_init(void);

/// Frees the netif, but neither its driver nor the default handlers' pointer to it: after this
/// alone the next Wi-Fi event makes them use freed memory, which the simulator reports and aborts
/// on. NULL is allowed. See `esp_netif_destroy_default_wifi`.
void esp_netif_destroy(esp_netif_t* esp_netif);

/// All zeros while there is no address. ESP_ERR_INVALID_ARG for NULL.
esp_err_t esp_netif_get_ip_info(esp_netif_t* esp_netif, esp_netif_ip_info_t* ip_info);

/// "WIFI_STA_DEF" is the station's default interface; NULL when there is none of that key.
esp_netif_t* esp_netif_get_handle_from_ifkey(const char* if_key);

#ifdef __cplusplus
}
#endif
