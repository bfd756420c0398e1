#include "scan_wifi_b/scan.hpp"

#include <cinttypes>
#include <cstring>

#include "esp_log.h"
#include "esp_wifi.h"
#include "scan_wifi_b.h"
#include "sdkconfig.h"
#include "signal_order.hpp"

namespace fuota::scan {
namespace {

constexpr char kTag[] = "SWB";
/// How often a driver that refuses to be switched off is asked: one that stayed on would be in the
/// way of every later scan and connection.
constexpr int kSwitchOffAttemptsMax = 2;

/// The Wi-Fi driver, from initialised to deinitialised, whatever fails in between.
class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  ~Driver() {
    for (int attempt = 0; initialised_ && attempt < kSwitchOffAttemptsMax; ++attempt) switch_off();
  }

  /// No network interface is needed: a scan carries no IP traffic.
  [[nodiscard]] esp_err_t start() {
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    esp_err_t error = esp_wifi_init(&config);
    if (error != ESP_OK) return error;
    initialised_ = true;
    error = esp_wifi_set_storage(WIFI_STORAGE_RAM);
    if (error == ESP_OK) error = esp_wifi_set_mode(WIFI_MODE_STA);
    if (error != ESP_OK) return error;
    started_ = true;  // even one that failed may have to be stopped
    return esp_wifi_start();
  }

  /// Scans and takes at most `*count` records out of the driver; `*count` becomes the number
  /// taken. The driver keeps none, whatever happens. `ssid` may be NULL for all.
  [[nodiscard]] esp_err_t scan(std::uint8_t* ssid, wifi_ap_record_t* records,
                               std::uint16_t* count) {
    wifi_scan_config_t config;
    std::memset(&config, 0, sizeof config);
    config.ssid = ssid;
    config.show_hidden = ssid != nullptr;  // it answers to who asks for it by name
    config.scan_type = WIFI_SCAN_TYPE_ACTIVE;
    config.scan_time.active.max = CONFIG_SCAN_WIFI_B_ACTIVE_SCAN_MS;
    esp_err_t error = esp_wifi_scan_start(&config, true);
    if (error != ESP_OK) return error;
    std::uint16_t in_range = 0;
    error = esp_wifi_scan_get_ap_num(&in_range);
    if (in_range == 0) *count = 0;
    if (error == ESP_OK && in_range > 0) error = esp_wifi_scan_get_ap_records(count, records);
    if (error != ESP_OK || in_range == 0) {
      (void)esp_wifi_clear_ap_list();
      if (error != ESP_OK) return error;
    }
    ESP_LOGI(kTag, "%u access points found", static_cast<unsigned>(in_range));
    return ESP_OK;
  }

 private:
  void switch_off() {
    if (started_) started_ = !succeeded("stop", esp_wifi_stop());
    if (!started_) initialised_ = !succeeded("deinitialise", esp_wifi_deinit());
  }

  static bool succeeded(const char* what, esp_err_t error) {
    if (error != ESP_OK) ESP_LOGE(kTag, "Cannot %s Wi-Fi: %s", what, esp_err_to_name(error));
    return error == ESP_OK;
  }

  bool initialised_ = false;
  bool started_ = false;
};

bool wifi_is_on() {
  wifi_mode_t mode = WIFI_MODE_NULL;
  return esp_wifi_get_mode(&mode) != ESP_ERR_WIFI_NOT_INIT;
}

/// Scans with a driver of its own. `ssid` may be NULL for all.
Outcome scan(std::uint8_t* ssid, wifi_ap_record_t* records, std::uint16_t* count,
             esp_err_t* error) {
  const std::uint16_t capacity = *count;
  *count = 0;
  *error = ESP_OK;
  if (wifi_is_on()) {
    ESP_LOGE(kTag, "Wi-Fi is in use: disconnect before scanning");
    *error = ESP_ERR_INVALID_STATE;
    return Outcome::wifi_in_use;
  }
  Driver driver;
  std::uint16_t taken = capacity;
  *error = driver.start();
  if (*error == ESP_OK) *error = driver.scan(ssid, records, &taken);
  if (*error != ESP_OK) {
    ESP_LOGE(kTag, "Scan failed: %s", esp_err_to_name(*error));
    return Outcome::driver;
  }
  *count = taken < capacity ? taken : capacity;
  sort_strongest_first(records, *count);
  return *count == 0 ? Outcome::not_found : Outcome::found;
}

AccessPoint from_record(const wifi_ap_record_t& record) {
  AccessPoint access_point;
  // The driver's field is one byte longer than an SSID, for a terminator.
  access_point.ssid_bytes =
      static_cast<std::uint8_t>(strnlen(reinterpret_cast<const char*>(record.ssid), kSsidBytesMax));
  std::memcpy(access_point.ssid.data(), record.ssid, access_point.ssid_bytes);
  std::memcpy(access_point.bssid.data(), record.bssid, access_point.bssid.size());
  access_point.channel = record.primary;
  access_point.rssi_dbm = record.rssi;
  return access_point;
}

}  // namespace

Report find(const std::uint8_t* ssid, std::size_t ssid_bytes) {
  Report report;
  if (ssid == nullptr || ssid_bytes == 0 || ssid_bytes > kSsidBytesMax ||
      std::memchr(ssid, 0, ssid_bytes) != nullptr) {
    report.outcome = Outcome::bad_ssid;
    return report;
  }
  std::uint8_t wanted[kSsidBytesMax + 1] = {};
  std::memcpy(wanted, ssid, ssid_bytes);
  wifi_ap_record_t record;
  std::memset(&record, 0, sizeof record);
  std::uint16_t count = 1;
  report.outcome = scan(wanted, &record, &count, &report.error);
  if (report.outcome == Outcome::found) report.access_point = from_record(record);
  return report;
}

}  // namespace fuota::scan

swb_status_t swb_scan_b(uint8_t ap_nb, wifi_ap_record_t* ap_records, uint8_t* found_ap_nb) {
  using fuota::scan::Outcome;
  if (found_ap_nb == nullptr) return SWB_ERROR;
  *found_ap_nb = 0;
  if (ap_nb == 0 || ap_records == nullptr) return SWB_ERROR;
  std::uint16_t count = ap_nb;
  esp_err_t error = ESP_OK;
  const Outcome outcome = fuota::scan::scan(nullptr, ap_records, &count, &error);
  if (outcome != Outcome::found && outcome != Outcome::not_found) return SWB_ERROR;
  *found_ap_nb = static_cast<std::uint8_t>(count);
  return SWB_SUCCESS;
}
