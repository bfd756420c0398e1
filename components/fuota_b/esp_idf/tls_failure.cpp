#include "tls_failure.hpp"

#include "esp_tls_errors.h"
#include "idf_port.hpp"
#include "mbedtls/x509.h"

namespace fuota::update {
namespace {

/// Whether the error is one of mbedTLS: of the certificate, the handshake, or their preparation.
bool is_of_mbedtls(esp_err_t error) {
  return error >= ESP_ERR_MBEDTLS_CERT_PARTLY_OK && error < ESP_ERR_ESP_TLS_BASE + 0x40;
}

}  // namespace

Code code_of_tls_failure(esp_err_t esp_error, int mbedtls_error, int certificate_flags) {
  const int mbedtls = mbedtls_error > 0 ? -mbedtls_error : mbedtls_error;
  if (esp_error == ESP_ERR_NO_MEM || is_lack_of_memory(mbedtls)) return Code::tls_memory;
  if (certificate_flags != 0 || mbedtls == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
    return Code::tls_verify;
  }
  if (esp_error == ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME) return Code::dns;
  // The certificate that the application gave.
  if (esp_error == ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED) return Code::bad_parameter;
  return is_of_mbedtls(esp_error) ? Code::tls : Code::connect;
}

}  // namespace fuota::update
