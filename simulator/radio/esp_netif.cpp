// The C functions of esp_netif.h and esp_wifi_default.h, on the current network stack.

#include "esp_netif.h"

#include "simulator/kernel/scheduler.hpp"
#include "simulator/radio/netif_stack.hpp"

using simulator::kernel::Scheduler;
using simulator::radio::NetifStack;
using simulator::radio::WifiDriver;

ESP_EVENT_DEFINE_BASE(IP_EVENT);

extern "C" {

esp_err_t esp_netif_init(void) {
  Scheduler::current().kernel_call();
  if (const auto error = WifiDriver::current().world().faults().on_call(__func__)) return *error;
  return NetifStack::current().init();
}

void esp_netif_destroy(esp_netif_t* esp_netif) {
  Scheduler::current().kernel_call();
  NetifStack::current().destroy(esp_netif);
}

esp_err_t esp_netif_get_ip_info(esp_netif_t* esp_netif, esp_netif_ip_info_t* ip_info) {
  Scheduler::current().kernel_call();
  if (const auto error = WifiDriver::current().world().faults().on_call(__func__)) return *error;
  return NetifStack::current().get_ip_info(esp_netif, ip_info);
}

esp_netif_t* esp_netif_get_handle_from_ifkey(const char* if_key) {
  Scheduler::current().kernel_call();
  return NetifStack::current().find(if_key);
}

esp_netif_t* esp_netif_create_default_wifi_sta(void) {
  Scheduler::current().kernel_call();
  return NetifStack::current().create_default_wifi_sta();
}

void esp_netif_destroy_default_wifi(void* esp_netif) {
  Scheduler::current().kernel_call();
  NetifStack::current().destroy_default_wifi(static_cast<esp_netif_t*>(esp_netif));
}

}  // extern "C"
