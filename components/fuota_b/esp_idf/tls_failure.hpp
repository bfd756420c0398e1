#pragma once

#include "esp_err.h"
#include "fuota_b/code.hpp"

namespace fuota::update {

/// What esp-tls tells of a connection that failed (esp_tls_get_and_clear_last_error): `esp_error`
/// of esp_tls_errors.h, the code of mbedTLS, positive as esp-tls keeps it, and the flags of the
/// certificate's verification. `connect` when it tells nothing.
[[nodiscard]] Code code_of_tls_failure(esp_err_t esp_error, int mbedtls_error,
                                       int certificate_flags);

}  // namespace fuota::update
