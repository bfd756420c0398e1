#pragma once

/* Blocking connection to a Wi-Fi access point (AP): the C API.
 *
 * The functions may be called from any task, but not from the event loop task, the timer task or
 * an interrupt. Calls from several tasks are served one after the other. The application calls
 * nvs_flash_init(), esp_netif_init() and esp_event_loop_create_default() before the first call,
 * and nobody else uses the Wi-Fi driver between a successful cwb_connect_b() and the end of
 * cwb_disconnect_b(). conn_wifi_b/connection.hpp is the C++ API, which tells more. */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CWB_OK,          /* done */
  CWB_CONN_ERR,    /* the AP was not found, or refused us (wrong password) */
  CWB_IP_TIMEOUT,  /* no IP address within the caller's time */
  CWB_DIS,         /* the AP accepted us, but the link was lost before we had an IP address */
  CWB_DIS_TIMEOUT, /* the driver did not report the disconnection in time; it was stopped anyway */
  CWB_ALREADY_DIS, /* there is no connection to leave: none was made, or it was lost meanwhile */
  CWB_ALREADY_CON, /* connected already: the connection stays as it is */
  CWB_PARAM_ERR,   /* a parameter is out of its range; nothing was done */
  CWB_SYS_ERR      /* the Wi-Fi driver or FreeRTOS refused; Wi-Fi is off */
} cwb_status_t;

/* Connects to the AP `ssid` and waits for an IP address.
 *
 * ssid: NUL-terminated, 1 to 32 bytes. password: NUL-terminated; NULL or empty for an open
 * network, 8 to 63 bytes for a passphrase, 64 hexadecimal digits for a raw PSK. With a password,
 * an AP of that name that asks for less than WPA2 is not joined. ip_timeout_ms: 1 to 600,000, for
 * joining the AP and getting the address together.
 *
 * Both are copied. Blocks at most ip_timeout_ms plus 25 s (every phase before and after has a
 * deadline of its own), more only while other tasks are being served. Returns CWB_OK,
 * CWB_CONN_ERR, CWB_IP_TIMEOUT, CWB_DIS, CWB_ALREADY_CON, CWB_PARAM_ERR or CWB_SYS_ERR; after all
 * but CWB_OK and CWB_ALREADY_CON, Wi-Fi is off. */
cwb_status_t cwb_connect_b(const uint8_t* ssid, const uint8_t* password, uint32_t ip_timeout_ms);

/* Leaves the AP and switches Wi-Fi off.
 *
 * Blocks at most 25 s. Returns CWB_OK, CWB_DIS_TIMEOUT, CWB_ALREADY_DIS or CWB_SYS_ERR; Wi-Fi is
 * off after each of them. */
cwb_status_t cwb_disconnect_b(void);

/* Leaves the AP if connected, ends the component's task and gives all its memory back. The next
 * cwb_connect_b() begins anew. No other task may be inside of the component.
 *
 * Blocks at most 50 s. Returns CWB_OK, or CWB_SYS_ERR when the task did not answer (its memory is
 * then kept). */
cwb_status_t cwb_deinit_b(void);

#ifdef __cplusplus
}
#endif
