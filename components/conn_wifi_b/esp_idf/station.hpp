#pragma once

#include <cstdint>

#include "conn_wifi_b/connection.hpp"
#include "esp_err.h"
#include "esp_event.h"
#include "esp_netif.h"

namespace fuota::connection {

/// What the driver reports, as it comes.
enum class StationEvent : std::uint8_t {
  started,
  associated,
  disconnected,
  stopped,
  ip_assigned,
  ip_lost,
};

/// ESP-IDF's Wi-Fi driver in station mode, from initialised to deinitialised. One at a time; all
/// functions are called from one task, and none waits for an event.
class Station {
 public:
  /// Is called from the event loop task, so it must not block. `reason` is the
  /// wifi_err_reason_t of a disconnection, else 0.
  using EventSink = void (*)(StationEvent event, std::uint8_t reason);

  explicit constexpr Station(EventSink sink) : sink_(sink) {}
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// Initialises the driver and starts it; `started` follows. The network interface is made at the
  /// first call and kept, since the driver's late events still use it after `tear_down`. After an
  /// error, call `tear_down`.
  [[nodiscard]] esp_err_t set_up();

  /// Asks the AP to let us in; `associated` or `disconnected` follows. Of all APs
  /// of that name on `channel` (0: on all channels), the strongest is taken. Does nothing while an
  /// attempt is in progress: a refusal that was reported twice makes the caller try twice.
  [[nodiscard]] esp_err_t connect(const AccessPoint& access_point, std::uint8_t channel);

  /// Leaves the AP; `disconnected` follows. An error when there is none to leave.
  [[nodiscard]] esp_err_t disconnect();

  /// Stops the driver; `stopped` follows.
  [[nodiscard]] esp_err_t stop();

  /// Undoes `set_up`, also a partial one. Returns the first error, having tried every step; a
  /// driver that refuses to be switched off is asked a second time, and again by the next `set_up`.
  [[nodiscard]] esp_err_t tear_down();

  /// Gives the network interface back. Only after `tear_down`.
  void destroy_interface();

 private:
  static void on_event(void* station, esp_event_base_t base, std::int32_t id, void* data);
  [[nodiscard]] esp_err_t register_handlers();
  [[nodiscard]] esp_err_t switch_off();

  EventSink sink_;
  esp_netif_t* interface_ = nullptr;
  esp_event_handler_instance_t wifi_handler_ = nullptr;
  esp_event_handler_instance_t ip_handler_ = nullptr;
  bool initialised_ = false;
  bool started_ = false;
};

}  // namespace fuota::connection
