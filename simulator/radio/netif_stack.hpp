#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "esp_netif.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/radio/event_pump.hpp"
#include "simulator/radio/wifi_driver.hpp"

/// A network interface as device code holds it.
struct esp_netif_obj {
  std::string key;
  bool up = false;
  esp_netif_ip_info_t address{};
  esp_netif_ip_info_t last_address{};
  simulator::kernel::HeapBlock memory;
};

namespace simulator::radio {

/// ESP-IDF's esp_netif and its glue to the Wi-Fi driver, of one power-on session: the station's
/// default interface, its default event handlers, and the DHCP client. The esp_netif_* functions
/// act on the current one.
class NetifStack final : private World::Listener {
 public:
  /// What a test counts to find leaks.
  struct Statistics {
    unsigned netifs_alive = 0;
    /// Drivers of an interface: `esp_netif_destroy` alone leaves one behind.
    unsigned drivers_alive = 0;
    unsigned default_handlers_registered = 0;
    unsigned addresses_assigned = 0;
  };

  /// Both must outlive it, `driver` in the same session. Makes itself current; one at a time.
  NetifStack(World& world, WifiDriver& driver);
  ~NetifStack();
  NetifStack(const NetifStack&) = delete;
  NetifStack& operator=(const NetifStack&) = delete;

  /// Aborts with a message when there is none.
  static NetifStack& current();
  static NetifStack* current_or_null();

  esp_err_t init();
  esp_netif_t* create_default_wifi_sta();
  void destroy_default_wifi(esp_netif_t* netif);
  void destroy(esp_netif_t* netif);
  esp_err_t get_ip_info(esp_netif_t* netif, esp_netif_ip_info_t* info) const;
  [[nodiscard]] esp_netif_t* find(const char* key) const;

  [[nodiscard]] const Statistics& statistics() const { return statistics_; }
  /// Whether the station's interface is up and has an address. An open connection of a socket ends
  /// when this becomes false.
  [[nodiscard]] bool has_address() const;
  /// Called at every change of `has_address`.
  void set_address_listener(std::function<void()> listener) {
    address_listener_ = std::move(listener);
  }

 private:
  void on_change(AccessPointId id) override;
  void on_kick(AccessPointId, std::uint8_t) override {}
  void on_spurious(std::int32_t, std::uint8_t) override {}

  static void on_event(void* stack, esp_event_base_t base, std::int32_t id, void* data);
  void register_handlers();
  void unregister_handlers();
  /// The interface that the default handlers work on. Aborts when it was freed under them.
  esp_netif_t& used_by_handlers(const char* handler);
  void check_alive(const esp_netif_t* netif, const char* function) const;
  void free(esp_netif_t* netif);

  // The default handlers' work.
  void bring_up(esp_netif_t& netif);
  void bring_down(esp_netif_t& netif);
  void log_address(const ip_event_got_ip_t& event) const;

  // The DHCP client.
  void discover();
  void assign();
  void stop_dhcp();
  void lose_address_later();
  void address_lost();

  World& world_;
  WifiDriver& driver_;
  EventPump events_;
  Statistics statistics_;
  std::function<void()> address_listener_;
  bool initialized_ = false;
  std::set<std::unique_ptr<esp_netif_t>> netifs_;
  std::vector<kernel::HeapBlock> drivers_;  ///< of the interfaces
  /// What the default handlers keep, even when it is freed: never dereferenced unchecked.
  esp_netif_t* default_station_ = nullptr;
  bool handlers_registered_ = false;
  unsigned dhcp_tries_ = 0;
  std::uint64_t dhcp_alarm_ = 0;
  std::uint64_t lost_alarm_ = 0;
};

}  // namespace simulator::radio
