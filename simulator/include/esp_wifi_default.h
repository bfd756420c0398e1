#pragma once

/// The station's default network interface: a netif, its driver and the default event handlers
/// that start, stop and address it. Source: esp_wifi/src/wifi_default.c of v5.5.5.

#include "esp_netif.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Never NULL: aborts without `esp_netif_init`, without default event loop, and when there is one
/// already. The caller owns it; `esp_netif_destroy_default_wifi` is its only right end.
esp_netif_t* esp_netif_create_default_wifi_sta(void);

/// Frees the netif, its driver and the default handlers. NULL is allowed.
void esp_netif_destroy_default_wifi(void* esp_netif);

#ifdef __cplusplus
}
#endif
