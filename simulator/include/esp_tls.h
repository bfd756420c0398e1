#pragma once

/// Of esp-tls, what tells why a connection of esp_http_client failed.

#include "esp_err.h"
#include "esp_tls_errors.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Hands out what `h` holds, and makes it all 0. `h` is the data of esp_http_client's
/// HTTP_EVENT_ERROR and HTTP_EVENT_DISCONNECTED. Returns the code of esp-tls; mbedTLS's code, as a
/// positive number, goes to `esp_tls_code`, and what is wrong with the server's certificate to
/// `esp_tls_flags`; both may be NULL. ESP_ERR_INVALID_STATE when `h` is NULL, and the two are then
/// left alone.
esp_err_t esp_tls_get_and_clear_last_error(esp_tls_error_handle_t h, int* esp_tls_code,
                                           int* esp_tls_flags);

#ifdef __cplusplus
}
#endif
