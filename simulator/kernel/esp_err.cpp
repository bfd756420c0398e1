#include <array>
#include <cstdio>

#include "esp_err.h"
#include "simulator/kernel/console.hpp"
#include "simulator/kernel/panic.hpp"

namespace {

struct Name {
  esp_err_t code;
  const char* name;
};

/// The codes that v4.4.4, v5.5.5 and v6.0.2 of ESP-IDF agree on, of the components that an
/// application of ours meets.
constexpr Name kNames[] = {
    {-1, "ESP_FAIL"},
    {0, "ESP_OK"},
    {0x101, "ESP_ERR_NO_MEM"},
    {0x102, "ESP_ERR_INVALID_ARG"},
    {0x103, "ESP_ERR_INVALID_STATE"},
    {0x104, "ESP_ERR_INVALID_SIZE"},
    {0x105, "ESP_ERR_NOT_FOUND"},
    {0x106, "ESP_ERR_NOT_SUPPORTED"},
    {0x107, "ESP_ERR_TIMEOUT"},
    {0x108, "ESP_ERR_INVALID_RESPONSE"},
    {0x109, "ESP_ERR_INVALID_CRC"},
    {0x10a, "ESP_ERR_INVALID_VERSION"},
    {0x10b, "ESP_ERR_INVALID_MAC"},
    {0x10c, "ESP_ERR_NOT_FINISHED"},
    {0x1101, "ESP_ERR_NVS_NOT_INITIALIZED"},
    {0x1102, "ESP_ERR_NVS_NOT_FOUND"},
    {0x1103, "ESP_ERR_NVS_TYPE_MISMATCH"},
    {0x1104, "ESP_ERR_NVS_READ_ONLY"},
    {0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE"},
    {0x1106, "ESP_ERR_NVS_INVALID_NAME"},
    {0x1107, "ESP_ERR_NVS_INVALID_HANDLE"},
    {0x1108, "ESP_ERR_NVS_REMOVE_FAILED"},
    {0x1109, "ESP_ERR_NVS_KEY_TOO_LONG"},
    {0x110a, "ESP_ERR_NVS_PAGE_FULL"},
    {0x110b, "ESP_ERR_NVS_INVALID_STATE"},
    {0x110c, "ESP_ERR_NVS_INVALID_LENGTH"},
    {0x110d, "ESP_ERR_NVS_NO_FREE_PAGES"},
    {0x110e, "ESP_ERR_NVS_VALUE_TOO_LONG"},
    {0x110f, "ESP_ERR_NVS_PART_NOT_FOUND"},
    {0x1110, "ESP_ERR_NVS_NEW_VERSION_FOUND"},
    {0x1111, "ESP_ERR_NVS_XTS_ENCR_FAILED"},
    {0x1112, "ESP_ERR_NVS_XTS_DECR_FAILED"},
    {0x1113, "ESP_ERR_NVS_XTS_CFG_FAILED"},
    {0x1114, "ESP_ERR_NVS_XTS_CFG_NOT_FOUND"},
    {0x1115, "ESP_ERR_NVS_ENCR_NOT_SUPPORTED"},
    {0x1116, "ESP_ERR_NVS_KEYS_NOT_INITIALIZED"},
    {0x1117, "ESP_ERR_NVS_CORRUPT_KEY_PART"},
    {0x1118, "ESP_ERR_NVS_CONTENT_DIFFERS"},
    {0x1119, "ESP_ERR_NVS_WRONG_ENCRYPTION"},
    {0x1501, "ESP_ERR_OTA_PARTITION_CONFLICT"},
    {0x1502, "ESP_ERR_OTA_SELECT_INFO_INVALID"},
    {0x1503, "ESP_ERR_OTA_VALIDATE_FAILED"},
    {0x1504, "ESP_ERR_OTA_SMALL_SEC_VER"},
    {0x1505, "ESP_ERR_OTA_ROLLBACK_FAILED"},
    {0x1506, "ESP_ERR_OTA_ROLLBACK_INVALID_STATE"},
    {0x1601, "ESP_OK_EFUSE_CNT"},
    {0x1605, "ESP_ERR_NOT_ENOUGH_UNUSED_KEY_BLOCKS"},
    {0x2001, "ESP_ERR_IMAGE_FLASH_FAIL"},
    {0x2002, "ESP_ERR_IMAGE_INVALID"},
    {0x3001, "ESP_ERR_WIFI_NOT_INIT"},
    {0x3002, "ESP_ERR_WIFI_NOT_STARTED"},
    {0x3003, "ESP_ERR_WIFI_NOT_STOPPED"},
    {0x3004, "ESP_ERR_WIFI_IF"},
    {0x3005, "ESP_ERR_WIFI_MODE"},
    {0x3006, "ESP_ERR_WIFI_STATE"},
    {0x3007, "ESP_ERR_WIFI_CONN"},
    {0x3008, "ESP_ERR_WIFI_NVS"},
    {0x3009, "ESP_ERR_WIFI_MAC"},
    {0x300a, "ESP_ERR_WIFI_SSID"},
    {0x300b, "ESP_ERR_WIFI_PASSWORD"},
    {0x300c, "ESP_ERR_WIFI_TIMEOUT"},
    {0x300d, "ESP_ERR_WIFI_WAKE_FAIL"},
    {0x300e, "ESP_ERR_WIFI_WOULD_BLOCK"},
    {0x300f, "ESP_ERR_WIFI_NOT_CONNECT"},
    {0x3012, "ESP_ERR_WIFI_POST"},
    {0x3013, "ESP_ERR_WIFI_INIT_STATE"},
    {0x3014, "ESP_ERR_WIFI_STOP_STATE"},
    {0x3015, "ESP_ERR_WIFI_NOT_ASSOC"},
    {0x3016, "ESP_ERR_WIFI_TX_DISALLOW"},
    {0x3033, "ESP_ERR_WIFI_REGISTRAR"},
    {0x3034, "ESP_ERR_WIFI_WPS_TYPE"},
    {0x3035, "ESP_ERR_WIFI_WPS_SM"},
    {0x5001, "ESP_ERR_ESP_NETIF_INVALID_PARAMS"},
    {0x5002, "ESP_ERR_ESP_NETIF_IF_NOT_READY"},
    {0x5003, "ESP_ERR_ESP_NETIF_DHCPC_START_FAILED"},
    {0x5004, "ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED"},
    {0x5005, "ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED"},
    {0x5006, "ESP_ERR_ESP_NETIF_NO_MEM"},
    {0x5007, "ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED"},
    {0x5008, "ESP_ERR_ESP_NETIF_DRIVER_ATTACH_FAILED"},
    {0x5009, "ESP_ERR_ESP_NETIF_INIT_FAILED"},
    {0x500a, "ESP_ERR_ESP_NETIF_DNS_NOT_CONFIGURED"},
    {0x500b, "ESP_ERR_ESP_NETIF_MLD6_FAILED"},
    {0x500c, "ESP_ERR_ESP_NETIF_IP6_ADDR_FAILED"},
    {0x6001, "ESP_ERR_FLASH_OP_FAIL"},
    {0x6002, "ESP_ERR_FLASH_OP_TIMEOUT"},
    {0x6003, "ESP_ERR_FLASH_NOT_INITIALISED"},
    {0x6004, "ESP_ERR_FLASH_UNSUPPORTED_HOST"},
    {0x6005, "ESP_ERR_FLASH_UNSUPPORTED_CHIP"},
    {0x6006, "ESP_ERR_FLASH_PROTECTED"},
    {0x7001, "ESP_ERR_HTTP_MAX_REDIRECT"},
    {0x7002, "ESP_ERR_HTTP_CONNECT"},
    {0x7003, "ESP_ERR_HTTP_WRITE_DATA"},
    {0x7004, "ESP_ERR_HTTP_FETCH_HEADER"},
    {0x7005, "ESP_ERR_HTTP_INVALID_TRANSPORT"},
    {0x7006, "ESP_ERR_HTTP_CONNECTING"},
    {0x7007, "ESP_ERR_HTTP_EAGAIN"},
    {0x7008, "ESP_ERR_HTTP_CONNECTION_CLOSED"},
    {0x8001, "ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME"},
    {0x8002, "ESP_ERR_ESP_TLS_CANNOT_CREATE_SOCKET"},
    {0x8003, "ESP_ERR_ESP_TLS_UNSUPPORTED_PROTOCOL_FAMILY"},
    {0x8004, "ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST"},
    {0x8005, "ESP_ERR_ESP_TLS_SOCKET_SETOPT_FAILED"},
    {0x8006, "ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT"},
    {0x8007, "ESP_ERR_ESP_TLS_SE_FAILED"},
    {0x8008, "ESP_ERR_ESP_TLS_TCP_CLOSED_FIN"},
    {0x8010, "ESP_ERR_MBEDTLS_CERT_PARTLY_OK"},
    {0x8011, "ESP_ERR_MBEDTLS_CTR_DRBG_SEED_FAILED"},
    {0x8012, "ESP_ERR_MBEDTLS_SSL_SET_HOSTNAME_FAILED"},
    {0x8013, "ESP_ERR_MBEDTLS_SSL_CONFIG_DEFAULTS_FAILED"},
    {0x8014, "ESP_ERR_MBEDTLS_SSL_CONF_ALPN_PROTOCOLS_FAILED"},
    {0x8015, "ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED"},
    {0x8016, "ESP_ERR_MBEDTLS_SSL_CONF_OWN_CERT_FAILED"},
    {0x8017, "ESP_ERR_MBEDTLS_SSL_SETUP_FAILED"},
    {0x8018, "ESP_ERR_MBEDTLS_SSL_WRITE_FAILED"},
    {0x8019, "ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED"},
    {0x801a, "ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED"},
    {0x801b, "ESP_ERR_MBEDTLS_SSL_CONF_PSK_FAILED"},
    {0x801c, "ESP_ERR_MBEDTLS_SSL_TICKET_SETUP_FAILED"},
};

const Name* find(esp_err_t code) {
  for (const Name& entry : kNames) {
    if (entry.code == code) return &entry;
  }
  return nullptr;
}

/// Code addresses of the host mean nothing on the chip and differ from run to run.
void print_failure(const char* macro, esp_err_t code, const char* file, int line,
                   const char* function, const char* expression) {
  std::array<char, 512> text;
  std::snprintf(text.data(), text.size(),
                "%s failed: esp_err_t 0x%x (%s) at 0x00000000\nfile: \"%s\" line %d\n"
                "func: %s\nexpression: %s\n",
                macro, static_cast<unsigned>(code), esp_err_to_name(code), file, line, function,
                expression);
  simulator::kernel::Console::current().write(text.data());
}

}  // namespace

extern "C" {

const char* esp_err_to_name(esp_err_t code) {
  const Name* entry = find(code);
  return entry == nullptr ? "UNKNOWN ERROR" : entry->name;
}

const char* esp_err_to_name_r(esp_err_t code, char* buf, size_t buflen) {
  const Name* entry = find(code);
  if (entry != nullptr) {
    std::snprintf(buf, buflen, "%s", entry->name);
  } else {
    std::snprintf(buf, buflen, "UNKNOWN ERROR 0x%x(%d)", static_cast<unsigned>(code), code);
  }
  return buf;
}

void _esp_error_check_failed(esp_err_t rc, const char* file, int line, const char* function,
                             const char* expression) {
  print_failure("ESP_ERROR_CHECK", rc, file, line, function, expression);
  simulator::kernel::panic();
}

void _esp_error_check_failed_without_abort(esp_err_t rc, const char* file, int line,
                                           const char* function, const char* expression) {
  print_failure("ESP_ERROR_CHECK_WITHOUT_ABORT", rc, file, line, function, expression);
}

}  // extern "C"
