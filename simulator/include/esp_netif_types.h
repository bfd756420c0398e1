#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_event.h"
#include "esp_netif_ip_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct esp_netif_obj;
typedef struct esp_netif_obj esp_netif_t;

/// Ids of IP_EVENT; the values up to here are the same in v4.4, v5 and v6.
typedef enum {
  IP_EVENT_STA_GOT_IP,
  IP_EVENT_STA_LOST_IP,
} ip_event_t;

ESP_EVENT_DECLARE_BASE(IP_EVENT);

typedef struct {
  esp_ip4_addr_t ip;
  esp_ip4_addr_t netmask;
  esp_ip4_addr_t gw;
} esp_netif_ip_info_t;

/// Data of IP_EVENT_STA_GOT_IP (and of IP_EVENT_STA_LOST_IP, where only `esp_netif` counts).
typedef struct {
  esp_netif_t* esp_netif;
  esp_netif_ip_info_t ip_info;
  bool ip_changed;
} ip_event_got_ip_t;

#ifdef __cplusplus
}
#endif
