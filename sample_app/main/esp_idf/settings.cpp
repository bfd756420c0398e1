#include "settings.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "esp_log.h"
#include "idf_port.hpp"
#include "nvs.h"
#include "sdkconfig.h"

extern const char g_embedded_certificate[] asm("_binary_ca_cert_pem_start");

namespace fuota::app {
namespace {

constexpr char kTag[] = "APP";
constexpr char kNamespace[] = "fuota";

/// The namespace, open for reading; empty when nothing was ever provisioned.
class Provisioning {
 public:
  Provisioning() { error_ = nvs_open(kNamespace, NVS_READONLY, &handle_); }
  ~Provisioning() {
    if (error_ == ESP_OK) nvs_close(handle_);
  }
  Provisioning(const Provisioning&) = delete;
  Provisioning& operator=(const Provisioning&) = delete;

  /// ESP_OK also when there is no such namespace.
  [[nodiscard]] esp_err_t error() const {
    return error_ == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error_;
  }

  /// Reads a string of less than `bytes` bytes; leaves `out` alone when the key isn't there.
  [[nodiscard]] esp_err_t read(const char* key, char* out, std::size_t bytes) const {
    if (error_ != ESP_OK) return ESP_OK;
    return noted(key, nvs_get_str(handle_, key, out, &bytes));
  }

  /// Whether there is a string under this key.
  [[nodiscard]] bool has_text(const char* key) const {
    std::size_t bytes = 0;
    return error_ == ESP_OK && nvs_get_str(handle_, key, nullptr, &bytes) != ESP_ERR_NVS_NOT_FOUND;
  }

  [[nodiscard]] esp_err_t read(const char* key, std::uint16_t* out) const {
    if (error_ != ESP_OK) return ESP_OK;
    return noted(key, nvs_get_u16(handle_, key, out));
  }

  /// Reads a string into memory of its own; leaves `out` empty when the key isn't there.
  [[nodiscard]] esp_err_t read(const char* key, std::size_t bytes_max,
                               std::unique_ptr<char, Free>& out) const {
    std::size_t bytes = 0;
    if (error_ != ESP_OK) return ESP_OK;
    const esp_err_t found = nvs_get_str(handle_, key, nullptr, &bytes);
    if (found != ESP_OK) return noted(key, found);
    if (bytes > bytes_max) return noted(key, ESP_ERR_NVS_INVALID_LENGTH);
    out.reset(static_cast<char*>(std::malloc(bytes)));
    if (out == nullptr) return noted(key, ESP_ERR_NO_MEM);
    return noted(key, nvs_get_str(handle_, key, out.get(), &bytes));
  }

 private:
  static esp_err_t noted(const char* key, esp_err_t error) {
    if (error == ESP_ERR_NVS_NOT_FOUND) return ESP_OK;
    if (error != ESP_OK) {
      ESP_LOGE(kTag, "Provisioned value \"%s\" cannot be used: %s", key, esp_err_to_name(error));
    }
    return error;
  }

  nvs_handle_t handle_ = 0;
  esp_err_t error_ = ESP_OK;
};

/// Copies a menu entry, which may be longer than what it is for.
template <std::size_t N>
[[nodiscard]] bool copy(const char* text, char (&out)[N]) {
  const std::size_t length = std::strlen(text);
  if (length >= N) return false;
  std::memcpy(out, text, length + 1);
  return true;
}

template <std::size_t N>
std::uint8_t to_bytes(const char* text, std::array<std::uint8_t, N>& out) {
  const std::size_t length = strnlen(text, N);
  std::memcpy(out.data(), text, length);
  return static_cast<std::uint8_t>(length);
}

esp_err_t load_access_point(const Provisioning& provisioning, connection::AccessPoint& out) {
  char ssid[connection::kSsidBytesMax + 1] = {};
  char password[connection::kPasswordBytesMax + 1] = {};
  if (!copy(CONFIG_FUO_OTA_UPDATE_AP_SSID, ssid) ||
      !copy(CONFIG_FUO_OTA_UPDATE_AP_PASSWORD, password)) {
    ESP_LOGE(kTag, "SSID or password of the update AP is too long in the configuration menu");
    return ESP_ERR_INVALID_SIZE;
  }
  esp_err_t error = provisioning.read("ap_ssid", ssid, sizeof ssid);
  if (error == ESP_OK) error = provisioning.read("ap_password", password, sizeof password);
  if (error != ESP_OK) return error;
  out.ssid_bytes = to_bytes(ssid, out.ssid);
  out.password_bytes = to_bytes(password, out.password);
  return ESP_OK;
}

esp_err_t load_server(const Provisioning& provisioning, Settings& settings) {
  settings.server_port = CONFIG_FUO_OTA_SERVER_PORT;
  settings.certificate_pem = g_embedded_certificate;
  if (!copy(CONFIG_FUO_OTA_SERVER_NAME, settings.server_name) ||
      !copy(CONFIG_FUO_OTA_SERVER_USERNAME, settings.username) ||
      !copy(CONFIG_FUO_OTA_SERVER_PASSWORD, settings.password) ||
      !copy(CONFIG_FUO_OTA_FLEET_KEY, settings.fleet_key)) {
    ESP_LOGE(kTag, "A server setting is too long in the configuration menu");
    return ESP_ERR_INVALID_SIZE;
  }
  esp_err_t error =
      provisioning.read("server_name", settings.server_name, sizeof settings.server_name);
  if (error == ESP_OK) error = provisioning.read("server_port", &settings.server_port);
  if (error == ESP_OK) {
    error = provisioning.read("username", settings.username, sizeof settings.username);
  }
  if (error == ESP_OK) {
    error = provisioning.read("password", settings.password, sizeof settings.password);
  }
  if (error == ESP_OK) {
    error = provisioning.read("fleet_key", settings.fleet_key, sizeof settings.fleet_key);
  }
  if (error == ESP_OK) {
    error =
        provisioning.read("server_cert", kCertificateBytesMax, settings.provisioned_certificate);
  }
  if (settings.provisioned_certificate != nullptr) {
    settings.certificate_pem = settings.provisioned_certificate.get();
  }
  return error;
}

esp_err_t load_client_certificate(const Provisioning& provisioning, Settings& settings) {
  esp_err_t error =
      provisioning.read("client_cert", kCertificateBytesMax, settings.client_certificate);
  if (error == ESP_OK) {
    error = provisioning.read("client_key", kCertificateBytesMax, settings.client_key);
  }
  if (error != ESP_OK) return error;
  if ((settings.client_certificate == nullptr) == (settings.client_key == nullptr)) return ESP_OK;
  ESP_LOGE(kTag, "\"client_cert\" and \"client_key\" are provisioned together, or neither");
  return ESP_ERR_INVALID_ARG;
}

esp_err_t load_device_id(const Provisioning& provisioning, Settings& settings) {
  if (!copy(CONFIG_FUO_DEVICE_ID, settings.device_id)) {
    ESP_LOGE(kTag, "The device identifier is too long in the configuration menu");
    return ESP_ERR_INVALID_SIZE;
  }
  esp_err_t error = provisioning.read("device_id", settings.device_id, sizeof settings.device_id);
  if (error != ESP_OK || settings.device_id[0] != '\0') return error;
  std::uint8_t mac[6] = {};
  error = esp_read_mac(mac, ESP_MAC_WIFI_STA);
  if (error != ESP_OK) return error;
  (void)std::snprintf(settings.device_id, sizeof settings.device_id, "%02x%02x%02x%02x%02x%02x",
                      mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  return ESP_OK;
}

/// Keys, as one text, and a space or a line end behind each.
constexpr std::size_t kTrustedKeysBytesMax =
    update::kReleaseKeysMax * (protocol::kPublicKeyTextBytes + 2);

esp_err_t load_release_policy(const Provisioning& provisioning, update::ReleasePolicy& out) {
  char keys[kTrustedKeysBytesMax + 1] = {};
  constexpr std::uint16_t kAbsent = 0xFFFF;
  std::uint16_t threshold = kAbsent;
  std::uint16_t version = kAbsent;
  if (!copy(CONFIG_FUO_TRUSTED_KEYS, keys)) {
    ESP_LOGE(kTag, "FUO_TRUSTED_KEYS is too long: at most 4 keys, a space in between");
    return ESP_ERR_INVALID_SIZE;
  }
  const bool none_in_menu = keys[0] == '\0';
  esp_err_t error = provisioning.read("trusted_keys", keys, sizeof keys);
  if (error == ESP_OK) error = provisioning.read("key_threshold", &threshold);
  if (error == ESP_OK) error = provisioning.read("key_version", &version);
  if (error != ESP_OK) return error;
  // An empty text in NVS does not switch off what the build asks for, and is not "no keys" either.
  if (none_in_menu && !provisioning.has_text("trusted_keys")) {
    if (threshold == kAbsent && version == kAbsent) return ESP_OK;
    ESP_LOGE(kTag, "\"%s\" is provisioned, but no trusted keys are",
             threshold != kAbsent ? "key_threshold" : "key_version");
    return ESP_ERR_INVALID_ARG;
  }
  if (threshold == kAbsent) threshold = CONFIG_FUO_TRUSTED_KEYS_THRESHOLD;
  const update::PolicyProblem problem = update::parse_release_policy(keys, threshold, out);
  if (problem != update::PolicyProblem::none) {
    ESP_LOGE(kTag, "The trusted keys cannot be used, so nothing is installed: %s",
             update::describe(problem));
    return ESP_ERR_INVALID_ARG;
  }
  if (!provisioning.has_text("trusted_keys")) out.version = CONFIG_FUO_TRUSTED_KEYS_VERSION;
  if (version != kAbsent) out.version = version;
  ESP_LOGI(kTag, "Releases need the signatures of %u of %u trusted keys",
           static_cast<unsigned>(out.threshold), static_cast<unsigned>(out.key_count));
  return ESP_OK;
}

}  // namespace

esp_err_t load_settings(Settings& settings) {
  const Provisioning provisioning;
  esp_err_t error = provisioning.error();
  if (error == ESP_OK) error = load_access_point(provisioning, settings.access_point);
  if (error == ESP_OK) error = load_server(provisioning, settings);
  if (error == ESP_OK) error = load_client_certificate(provisioning, settings);
  if (error == ESP_OK) error = load_device_id(provisioning, settings);
  if (error == ESP_OK) error = load_release_policy(provisioning, settings.release_policy);
  return error;
}

}  // namespace fuota::app
