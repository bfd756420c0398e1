#pragma once

/// What differs between ESP-IDF v4.4, v5 and v6, and nothing else.

#include <cstddef>
#include <cstdint>

#include "esp_idf_version.h"
#include "esp_ota_ops.h"
#include "image_checker.hpp"
#include "sdkconfig.h"
#if ESP_IDF_VERSION_MAJOR >= 5
#include "esp_app_desc.h"
#endif
#if ESP_IDF_VERSION_MAJOR >= 6
#include "psa/crypto.h"  // mbedtls/sha256.h is not public from mbedTLS 4 on
#else
#include "mbedtls/asn1.h"
#include "mbedtls/bignum.h"
#include "mbedtls/ecp.h"
#include "mbedtls/pk.h"
#include "mbedtls/sha256.h"
#include "mbedtls/ssl.h"
#include "mbedtls/version.h"
#include "mbedtls/x509.h"
#endif

/// Whether ESP-IDF's HTTP client saves TLS sessions, and is configured to
/// (esp_http_client_config_t::save_client_session).
#if defined(CONFIG_ESP_TLS_CLIENT_SESSION_TICKETS) && \
    ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)
#define FUOTA_B_HAS_TLS_SESSIONS 1
#else
#define FUOTA_B_HAS_TLS_SESSIONS 0
#endif

namespace fuota::update {

/// The descriptor of the running image. Static storage.
inline const esp_app_desc_t* running_descriptor() {
#if ESP_IDF_VERSION_MAJOR >= 5
  return esp_app_get_description();
#else
  return esp_ota_get_app_description();  // gone in v6
#endif
}

/// Whether what a function of mbedTLS returned tells of a lack of memory.
inline bool is_lack_of_memory(int mbedtls_error) {
#if ESP_IDF_VERSION_MAJOR >= 6
  return mbedtls_error == PSA_ERROR_INSUFFICIENT_MEMORY;
#else
  // A code of a high level and one of a low level may be added up (mbedtls/error.h).
  const int low = -(-mbedtls_error & 0x7F);
  const int high = mbedtls_error - low;
  return low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
         high == MBEDTLS_ERR_ECP_ALLOC_FAILED || high == MBEDTLS_ERR_PK_ALLOC_FAILED ||
         high == MBEDTLS_ERR_SSL_ALLOC_FAILED || high == MBEDTLS_ERR_X509_ALLOC_FAILED;
#endif
}

/// SHA-256 by the library that ESP-IDF has, hardware and all.
class Sha256 final : public Digest {
 public:
  Sha256() = default;
  ~Sha256() { release(); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

#if ESP_IDF_VERSION_MAJOR >= 6
  [[nodiscard]] bool start() {
    release();
    return psa_crypto_init() == PSA_SUCCESS &&
           psa_hash_setup(&operation_, PSA_ALG_SHA_256) == PSA_SUCCESS;
  }
  [[nodiscard]] bool update(const std::uint8_t* data, std::size_t bytes) override {
    return psa_hash_update(&operation_, data, bytes) == PSA_SUCCESS;
  }
  [[nodiscard]] bool finish(std::uint8_t out[kSha256Bytes]) override {
    std::size_t written = 0;
    return psa_hash_finish(&operation_, out, kSha256Bytes, &written) == PSA_SUCCESS;
  }

 private:
  void release() {
    (void)psa_hash_abort(&operation_);
  }

  psa_hash_operation_t operation_ = PSA_HASH_OPERATION_INIT;
#else
  [[nodiscard]] bool start() {
    release();
    mbedtls_sha256_init(&context_);
    started_ = true;
#if MBEDTLS_VERSION_MAJOR < 3
    return mbedtls_sha256_starts_ret(&context_, 0) == 0;
#else
    return mbedtls_sha256_starts(&context_, 0) == 0;
#endif
  }
  [[nodiscard]] bool update(const std::uint8_t* data, std::size_t bytes) override {
#if MBEDTLS_VERSION_MAJOR < 3
    return mbedtls_sha256_update_ret(&context_, data, bytes) == 0;
#else
    return mbedtls_sha256_update(&context_, data, bytes) == 0;
#endif
  }
  [[nodiscard]] bool finish(std::uint8_t out[kSha256Bytes]) override {
#if MBEDTLS_VERSION_MAJOR < 3
    return mbedtls_sha256_finish_ret(&context_, out) == 0;
#else
    return mbedtls_sha256_finish(&context_, out) == 0;
#endif
  }

 private:
  void release() {
    if (started_) mbedtls_sha256_free(&context_);
    started_ = false;
  }

  mbedtls_sha256_context context_;
  bool started_ = false;
#endif
};

}  // namespace fuota::update
