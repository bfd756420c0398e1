#include "simulator/radio/netif_stack.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "esp_log.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::radio {

using kernel::misuse;
using kernel::Scheduler;

namespace {

NetifStack* current_stack = nullptr;

constexpr std::size_t kNetifBytes = 600;
constexpr std::size_t kNetifDriverBytes = 32;
constexpr char kStationKey[] = "WIFI_STA_DEF";
constexpr char kHandlersTag[] = "esp_netif_handlers";
constexpr std::int64_t kEventLatencyUs = 200;
constexpr std::int64_t kUsPerSecond = 1'000'000;
/// CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL, default.
constexpr std::int64_t kLostAddressUs = 120 * kUsPerSecond;
/// lwIP waits 2, 4, 8 … seconds between its DHCP requests, 60 from the sixth on.
constexpr unsigned kDoublingTries = 6;
constexpr std::int64_t kDhcpWaitUsMax = 60 * kUsPerSecond;

struct Handled {
  const esp_event_base_t* base;
  std::int32_t id;
};

/// The events of the default handlers (esp_wifi/src/wifi_default.c of v5.5.5).
constexpr Handled kHandled[] = {
    {&WIFI_EVENT, WIFI_EVENT_STA_START},     {&WIFI_EVENT, WIFI_EVENT_STA_STOP},
    {&WIFI_EVENT, WIFI_EVENT_STA_CONNECTED}, {&WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED},
    {&IP_EVENT, IP_EVENT_STA_GOT_IP},
};

esp_ip4_addr_t to_address(const Ipv4& ipv4) {
  esp_ip4_addr_t address{};
  std::memcpy(&address.addr, ipv4.data(), ipv4.size());
  return address;
}

esp_netif_ip_info_t offer_of(const DhcpServer& server) {
  return {to_address(server.address), to_address(server.netmask), to_address(server.gateway)};
}

bool same(const esp_netif_ip_info_t& a, const esp_netif_ip_info_t& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

bool is_set(const esp_netif_ip_info_t& info) {
  return info.ip.addr != 0;
}

}  // namespace

NetifStack::NetifStack(World& world, WifiDriver& driver)
    : world_(world),
      driver_(driver),
      events_(world.faults(), EventSource::ip, EventPump::WhenFull::lose) {
  if (current_stack != nullptr) misuse("NetifStack", "another one is alive");
  current_stack = this;
  world_.add_listener(*this);
}

NetifStack::~NetifStack() {
  Scheduler& scheduler = Scheduler::current();
  scheduler.cancel(dhcp_alarm_);
  scheduler.cancel(lost_alarm_);
  world_.remove_listener(*this);
  current_stack = nullptr;
}

NetifStack& NetifStack::current() {
  if (current_stack == nullptr) misuse("NetifStack::current", "no network stack is alive");
  return *current_stack;
}

NetifStack* NetifStack::current_or_null() {
  return current_stack;
}

esp_err_t NetifStack::init() {
  initialized_ = true;
  return ESP_OK;
}

esp_netif_t* NetifStack::find(const char* key) const {
  const auto found = std::find_if(netifs_.begin(), netifs_.end(),
                                  [&](const auto& netif) { return netif->key == key; });
  return found == netifs_.end() ? nullptr : found->get();
}

esp_netif_t* NetifStack::create_default_wifi_sta() {
  static constexpr char kFunction[] = "esp_netif_create_default_wifi_sta";
  if (!initialized_) misuse(kFunction, "esp_netif_init was not called (on the chip: assert)");
  if (find(kStationKey) != nullptr) {
    misuse(kFunction, "there is one already (on the chip: assert of esp_netif_new's result)");
  }
  auto netif = std::make_unique<esp_netif_t>();
  netif->key = kStationKey;
  kernel::Heap& heap = Scheduler::current().heap();
  netif->memory = {heap, kNetifBytes};
  drivers_.emplace_back(heap, kNetifDriverBytes);
  if (!netif->memory.ok() || !drivers_.back().ok()) {
    misuse(kFunction, "the heap is used up (on the chip: assert)");
  }
  default_station_ = netif.get();
  netifs_.insert(std::move(netif));
  ++statistics_.netifs_alive;
  ++statistics_.drivers_alive;
  register_handlers();
  return default_station_;
}

void NetifStack::register_handlers() {
  if (handlers_registered_) return;
  for (const Handled& handled : kHandled) {
    if (esp_event_handler_register(*handled.base, handled.id, on_event, this) != ESP_OK) {
      misuse("esp_netif_create_default_wifi_sta",
             "the default event loop does not exist (on the chip: ESP_ERROR_CHECK)");
    }
    ++statistics_.default_handlers_registered;
  }
  handlers_registered_ = true;
}

void NetifStack::unregister_handlers() {
  if (!handlers_registered_) return;
  for (const Handled& handled : kHandled) {
    esp_event_handler_unregister(*handled.base, handled.id, on_event);
    --statistics_.default_handlers_registered;
  }
  handlers_registered_ = false;
}

void NetifStack::destroy_default_wifi(esp_netif_t* netif) {
  if (netif == nullptr) return;
  check_alive(netif, "esp_netif_destroy_default_wifi");
  if (default_station_ == netif) default_station_ = nullptr;
  if (default_station_ == nullptr) unregister_handlers();
  --statistics_.drivers_alive;
  drivers_.pop_back();
  free(netif);
}

void NetifStack::destroy(esp_netif_t* netif) {
  if (netif == nullptr) return;
  check_alive(netif, "esp_netif_destroy");
  free(netif);
}

void NetifStack::free(esp_netif_t* netif) {
  stop_dhcp();
  Scheduler::current().cancel(std::exchange(lost_alarm_, 0));
  std::erase_if(netifs_, [&](const auto& owned) { return owned.get() == netif; });
  --statistics_.netifs_alive;
  if (address_listener_) address_listener_();
}

void NetifStack::check_alive(const esp_netif_t* netif, const char* function) const {
  const bool alive = std::any_of(netifs_.begin(), netifs_.end(),
                                 [&](const auto& owned) { return owned.get() == netif; });
  if (!alive) misuse(function, "the network interface was freed already");
}

esp_err_t NetifStack::get_ip_info(esp_netif_t* netif, esp_netif_ip_info_t* info) const {
  if (netif == nullptr || info == nullptr) return ESP_ERR_INVALID_ARG;
  check_alive(netif, "esp_netif_get_ip_info");
  *info = netif->address;
  return ESP_OK;
}

bool NetifStack::has_address() const {
  const esp_netif_t* netif = find(kStationKey);
  return netif != nullptr && netif->up && is_set(netif->address);
}

esp_netif_t& NetifStack::used_by_handlers(const char* handler) {
  const bool alive = std::any_of(netifs_.begin(), netifs_.end(), [&](const auto& owned) {
    return owned.get() == default_station_;
  });
  if (!alive) {
    misuse(handler,
           "a default Wi-Fi event handler uses the network interface after esp_netif_destroy freed "
           "it; esp_netif_destroy_default_wifi would have told it");
  }
  return *default_station_;
}

void NetifStack::on_event(void* stack, esp_event_base_t base, std::int32_t id, void* data) {
  auto& self = *static_cast<NetifStack*>(stack);
  if (self.default_station_ == nullptr) return;
  if (base == IP_EVENT) {
    self.used_by_handlers("esp_netif_action_got_ip");
    self.log_address(*static_cast<const ip_event_got_ip_t*>(data));
  } else if (id == WIFI_EVENT_STA_START) {
    self.used_by_handlers("esp_netif_action_start");
  } else if (id == WIFI_EVENT_STA_STOP) {
    self.bring_down(self.used_by_handlers("esp_netif_action_stop"));
  } else if (id == WIFI_EVENT_STA_CONNECTED) {
    self.bring_up(self.used_by_handlers("esp_netif_action_connected"));
  } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
    self.bring_down(self.used_by_handlers("esp_netif_action_disconnected"));
  }
}

void NetifStack::bring_up(esp_netif_t& netif) {
  netif.up = true;
  stop_dhcp();
  dhcp_tries_ = 0;
  discover();
}

void NetifStack::bring_down(esp_netif_t& netif) {
  stop_dhcp();
  const bool had_address = is_set(netif.address);
  netif.up = false;
  netif.address = {};
  if (!had_address) return;
  lose_address_later();
  if (address_listener_) address_listener_();
}

void NetifStack::log_address(const ip_event_got_ip_t& event) const {
  const esp_netif_ip_info_t& info = event.ip_info;
  ESP_LOGI(kHandlersTag, "sta ip: " IPSTR ", mask: " IPSTR ", gw: " IPSTR, IP2STR(&info.ip),
           IP2STR(&info.netmask), IP2STR(&info.gw));
}

void NetifStack::stop_dhcp() {
  Scheduler::current().cancel(std::exchange(dhcp_alarm_, 0));
}

void NetifStack::discover() {
  Scheduler& scheduler = Scheduler::current();
  const auto access_point = driver_.connected_to();
  const bool answered = driver_.frames_pass() && world_.at(*access_point).dhcp.answers;
  ++dhcp_tries_;
  if (answered) {
    const std::int64_t when_us = scheduler.now_us() + world_.at(*access_point).dhcp.latency_us;
    dhcp_alarm_ = scheduler.call_at(when_us, [this] {
      dhcp_alarm_ = 0;
      assign();
    });
    return;
  }
  const std::int64_t wait_us =
      dhcp_tries_ < kDoublingTries ? kUsPerSecond << dhcp_tries_ : kDhcpWaitUsMax;
  dhcp_alarm_ = scheduler.call_at(scheduler.now_us() + wait_us, [this] {
    dhcp_alarm_ = 0;
    discover();
  });
}

void NetifStack::assign() {
  const auto access_point = driver_.connected_to();
  if (!driver_.frames_pass()) {
    discover();
    return;
  }
  esp_netif_t& netif = used_by_handlers("dhcp_bind");
  const esp_netif_ip_info_t offer = offer_of(world_.at(*access_point).dhcp);
  if (same(offer, netif.address)) return;
  netif.address = offer;
  ip_event_got_ip_t event{};
  event.esp_netif = &netif;
  event.ip_info = offer;
  event.ip_changed = !same(offer, netif.last_address);
  netif.last_address = offer;
  ++statistics_.addresses_assigned;
  events_.post(IP_EVENT_STA_GOT_IP, event, kEventLatencyUs);
  if (address_listener_) address_listener_();
}

void NetifStack::lose_address_later() {
  if (lost_alarm_ != 0) return;
  Scheduler& scheduler = Scheduler::current();
  lost_alarm_ = scheduler.call_at(scheduler.now_us() + kLostAddressUs, [this] {
    lost_alarm_ = 0;
    address_lost();
  });
}

void NetifStack::address_lost() {
  esp_netif_t& netif = used_by_handlers("esp_netif_ip_lost_timer");
  if (is_set(netif.address)) return;
  netif.last_address = {};
  ip_event_got_ip_t event{};
  event.esp_netif = &netif;
  events_.post(IP_EVENT_STA_LOST_IP, event, kEventLatencyUs);
}

void NetifStack::on_change(AccessPointId id) {
  esp_netif_t* netif = find(kStationKey);
  const bool bound = netif != nullptr && is_set(netif->address);
  if (!bound || driver_.connected_to() != id || !driver_.frames_pass()) return;
  if (!same(offer_of(world_.at(id).dhcp), netif->address)) assign();
}

}  // namespace simulator::radio
