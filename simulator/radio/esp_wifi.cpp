// The C functions of esp_wifi.h, on the current driver.

#include "esp_wifi.h"

#include "simulator/kernel/scheduler.hpp"
#include "simulator/radio/wifi_driver.hpp"

using simulator::kernel::Scheduler;
using simulator::radio::WifiDriver;

ESP_EVENT_DEFINE_BASE(WIFI_EVENT);

namespace {

/// One call of a driver's function: what every kernel call begins and ends with, and the fault that
/// a test planned for it.
template <typename Call>
esp_err_t call(const char* function, const Call& act) {
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  WifiDriver& driver = WifiDriver::current();
  if (const auto error = driver.world().faults().on_call(function)) return *error;
  const esp_err_t result = act(driver);
  scheduler.preempt();
  return result;
}

}  // namespace

extern "C" {

esp_err_t esp_wifi_init(const wifi_init_config_t* config) {
  return call(__func__, [&](WifiDriver& driver) { return driver.init(config); });
}

esp_err_t esp_wifi_deinit(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.deinit(); });
}

esp_err_t esp_wifi_set_mode(wifi_mode_t mode) {
  return call(__func__, [&](WifiDriver& driver) { return driver.set_mode(mode); });
}

esp_err_t esp_wifi_get_mode(wifi_mode_t* mode) {
  return call(__func__, [&](WifiDriver& driver) { return driver.get_mode(mode); });
}

esp_err_t esp_wifi_start(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.start(); });
}

esp_err_t esp_wifi_stop(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.stop(); });
}

esp_err_t esp_wifi_connect(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.connect(); });
}

esp_err_t esp_wifi_disconnect(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.disconnect(); });
}

esp_err_t esp_wifi_scan_start(const wifi_scan_config_t* config, bool block) {
  return call(__func__, [&](WifiDriver& driver) { return driver.scan_start(config, block); });
}

esp_err_t esp_wifi_scan_stop(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.scan_stop(); });
}

esp_err_t esp_wifi_scan_get_ap_num(uint16_t* number) {
  return call(__func__, [&](WifiDriver& driver) { return driver.scan_get_ap_num(number); });
}

esp_err_t esp_wifi_scan_get_ap_records(uint16_t* number, wifi_ap_record_t* ap_records) {
  return call(__func__,
              [&](WifiDriver& driver) { return driver.scan_get_ap_records(number, ap_records); });
}

esp_err_t esp_wifi_clear_ap_list(void) {
  return call(__func__, [](WifiDriver& driver) { return driver.clear_ap_list(); });
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t* ap_info) {
  return call(__func__, [&](WifiDriver& driver) { return driver.sta_get_ap_info(ap_info); });
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type) {
  return call(__func__, [&](WifiDriver& driver) { return driver.set_ps(type); });
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t* type) {
  return call(__func__, [&](WifiDriver& driver) { return driver.get_ps(type); });
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t* conf) {
  return call(__func__, [&](WifiDriver& driver) { return driver.set_config(interface, conf); });
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t* conf) {
  return call(__func__, [&](WifiDriver& driver) { return driver.get_config(interface, conf); });
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage) {
  return call(__func__, [&](WifiDriver& driver) { return driver.set_storage(storage); });
}

}  // extern "C"
