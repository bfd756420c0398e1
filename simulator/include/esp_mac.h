#pragma once

#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  ESP_MAC_WIFI_STA,
  ESP_MAC_WIFI_SOFTAP,
  ESP_MAC_BT,
  ESP_MAC_ETH,
} esp_mac_type_t;

#define MAC2STR(a) (a)[0], (a)[1], (a)[2], (a)[3], (a)[4], (a)[5]
#define MACSTR "%02x:%02x:%02x:%02x:%02x:%02x"

/// The 6 bytes of an interface's address: the base address, plus 0 for the station, 1 for the soft
/// AP, 2 for Bluetooth, 3 for Ethernet in the last byte (four universal addresses, the default of
/// the ESP32). ESP_ERR_INVALID_ARG: null, or no such type.
esp_err_t esp_read_mac(uint8_t* mac, esp_mac_type_t type);
/// What the factory burned into the chip.
esp_err_t esp_efuse_mac_get_default(uint8_t* mac);

#ifdef __cplusplus
}
#endif
