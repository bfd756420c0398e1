#include "simulator/net/trust_store.hpp"

#include "esp_tls_errors.h"

namespace simulator::net {

namespace {

const unsigned char* bytes(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

ConnectOutcome setup_failure(const char* detail, esp_err_t error, int code) {
  ConnectOutcome outcome{ConnectOutcome::Kind::tls_setup, code, error};
  outcome.detail = detail;
  return outcome;
}

}  // namespace

TrustStore::TrustStore() {
  mbedtls_x509_crt_init(&authorities_);
  mbedtls_x509_crt_init(&client_certificate_);
  mbedtls_pk_init(&client_key_);
}

TrustStore::~TrustStore() {
  mbedtls_pk_free(&client_key_);
  mbedtls_x509_crt_free(&client_certificate_);
  mbedtls_x509_crt_free(&authorities_);
}

std::optional<ConnectOutcome> TrustStore::apply(const TlsSettings& settings,
                                                mbedtls_ssl_config& config) {
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  if (settings.attach_bundle != nullptr) {
    settings.attach_bundle(&config);
  } else if (settings.use_global_ca_store) {
    return setup_failure("global_cacert is NULL", ESP_ERR_INVALID_STATE, 0);
  } else if (settings.ca_pem != nullptr) {
    const int result =
        mbedtls_x509_crt_parse(&authorities_, bytes(settings.ca_pem), settings.ca_bytes);
    if (result < 0) {
      return setup_failure("mbedtls_x509_crt_parse of CA cert returned",
                           ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED, result);
    }
    unreadable_ = result;
    mbedtls_ssl_conf_ca_chain(&config, &authorities_, nullptr);
  } else {
    return setup_failure(
        "No server verification option set in esp_tls_cfg_t structure. Check esp_tls API reference",
        ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, 0);
  }
  return apply_client_certificate(settings, config);
}

std::optional<ConnectOutcome> TrustStore::apply_client_certificate(const TlsSettings& settings,
                                                                   mbedtls_ssl_config& config) {
  if (settings.client_certificate_pem == nullptr || settings.client_key_pem == nullptr) {
    return std::nullopt;
  }
  int result = mbedtls_x509_crt_parse(&client_certificate_, bytes(settings.client_certificate_pem),
                                      settings.client_certificate_bytes);
  if (result < 0) {
    return setup_failure("mbedtls_x509_crt_parse of public cert returned",
                         ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED, result);
  }
  result = mbedtls_pk_parse_key(&client_key_, bytes(settings.client_key_pem),
                                settings.client_key_bytes, nullptr, 0);
  if (result < 0) {
    return setup_failure("mbedtls_pk_parse_keyfile returned", ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED,
                         result);
  }
  result = mbedtls_ssl_conf_own_cert(&config, &client_certificate_, &client_key_);
  if (result < 0) {
    return setup_failure("mbedtls_ssl_conf_own_cert returned",
                         ESP_ERR_MBEDTLS_SSL_CONF_OWN_CERT_FAILED, result);
  }
  return std::nullopt;
}

std::optional<ConnectOutcome> TrustStore::check(const TlsSettings& settings) {
  TrustStore store;
  mbedtls_ssl_config config;
  mbedtls_ssl_config_init(&config);
  const auto problem = store.apply(settings, config);
  mbedtls_ssl_config_free(&config);
  return problem;
}

}  // namespace simulator::net
