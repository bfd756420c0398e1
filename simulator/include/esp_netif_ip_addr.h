#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// In network byte order.
struct esp_ip4_addr {
  uint32_t addr;
};
typedef struct esp_ip4_addr esp_ip4_addr_t;

#define esp_ip4_addr_get_byte(ipaddr, idx) (((const uint8_t*)(&(ipaddr)->addr))[idx])
#define esp_ip4_addr1_16(ipaddr) ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 0))
#define esp_ip4_addr2_16(ipaddr) ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 1))
#define esp_ip4_addr3_16(ipaddr) ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 2))
#define esp_ip4_addr4_16(ipaddr) ((uint16_t)esp_ip4_addr_get_byte(ipaddr, 3))

/// For printf: IPSTR in the format, IP2STR(&address) among the arguments.
#define IPSTR "%d.%d.%d.%d"
#define IP2STR(ipaddr)                                                          \
  esp_ip4_addr1_16(ipaddr), esp_ip4_addr2_16(ipaddr), esp_ip4_addr3_16(ipaddr), \
      esp_ip4_addr4_16(ipaddr)

#ifdef __cplusplus
}
#endif
