#pragma once

/* Firmware update over the air, blocking: the C API. fuota_b/update.hpp is the C++ API, which
 * tells more. */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  OTA_OK,        /* not returned by ota_update_b */
  OTA_UPDATED,   /* the new image is installed: restart to run it */
  OTA_PARAM_ERR, /* a parameter is not usable, or the server refused it (400, 401, 403) */
  OTA_NO_UPDATE, /* the server has nothing for this device and this version */
  OTA_CONN_ERR,  /* the server could not be reached, or the connection broke */
  OTA_SYS_ERR    /* everything else: the log and the C++ API tell what */
} ota_status_t;

/* Asks the update server for an update and installs it: check, download to the idle app slot,
 * verification, and, as the very last act, the switch of the boot slot.
 *
 * All strings are NUL-terminated and must stay valid during the call. server_name: host name or
 * IPv4 address, 1 to 253 characters, as in the server's certificate. server_port: 1 to 65535.
 * cert_pem: the certificate, in PEM, that the server's must be or be signed by; several may follow
 * one another. username, password: for HTTP Basic authentication, 1 to 128 bytes. id: who this
 * device is, app_ver: which version it runs, 1 to 128 bytes each (docs/protocol.md, "Names").
 *
 * Needs an IP connection, a flash with two OTA slots, about 60 KiB of free heap and, in the calling
 * task, 8 KiB of stack. NVS is initialised, so that a power loss during the trial of the new image
 * can be told from its failure (fuota_b/trial.hpp). Not reentrant. A check that finds nothing takes
 * about a second. Unless configured otherwise, blocks at most 30 s without a byte from the server,
 * and, up to 10 s more, 1 minute for the check and 30 minutes for the download. On top come, where
 * ESP-IDF offers no bound, the look-up of a host name and the rest of a header line that trickles
 * in. */
ota_status_t ota_update_b(const char* server_name, uint16_t server_port, const char* cert_pem,
                          const char* username, const char* password, const char* id,
                          const char* app_ver);

#ifdef __cplusplus
}
#endif
