#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "esp_err.h"
#include "simulator/kernel/random.hpp"

namespace simulator::radio {

enum class EventSource { wifi, ip };

struct EventKind {
  EventSource source = EventSource::wifi;
  std::int32_t id = 0;  ///< of wifi_event_t or ip_event_t

  friend bool operator==(const EventKind&, const EventKind&) = default;
};

/// What becomes of one event on its way to the default event loop.
struct EventFate {
  unsigned copies = 1;         ///< 0: it is lost
  std::int64_t delay_us = 0;   ///< later events overtake it
  std::int64_t repeat_us = 0;  ///< the second and later copies come this much after the one before
};

/// What goes wrong in the Wi-Fi driver and the network interface although the world is in order:
/// calls that fail, events that are lost, late or doubled. Scripted, or random from a seed. It
/// outlives reboots; counts go on.
class Faults {
 public:
  static constexpr unsigned kEvery = 0;

  /// The `nth` call of `function` from now on (1: the next; kEvery: all) returns `error` and does
  /// nothing. An empty name stands for every esp_wifi_* and esp_netif_* function that has an error
  /// to return.
  void fail_call(std::string function, unsigned nth, esp_err_t error);
  /// The `nth` event of this kind from now on has this fate. The first rule that fits wins.
  void set_fate(EventKind kind, unsigned nth, EventFate fate);

  struct RandomRates {
    unsigned failed_calls_per_mille = 0;
    unsigned lost_per_mille = 0;
    unsigned doubled_per_mille = 0;
    unsigned late_per_mille = 0;
    std::int64_t late_us_max = 1'000'000;
    esp_err_t error = ESP_FAIL;
  };
  /// In addition to the script. The same seed gives the same faults for the same calls and events.
  void randomize(std::uint64_t seed, RandomRates rates);
  /// No more faults.
  void clear();

  /// For the driver: the error that this call has to return, if any.
  std::optional<esp_err_t> on_call(std::string_view function);
  /// For the driver: what to do with an event.
  EventFate on_event(EventKind kind);

  /// Calls of all functions so far: a test runs once to learn how many there are, then once with
  /// each of them failing.
  [[nodiscard]] unsigned calls() const { return calls_; }

 private:
  struct CallRule {
    std::string function;
    unsigned remaining;  ///< calls until it fires; kEvery: always
    esp_err_t error;
  };
  struct EventRule {
    EventKind kind;
    unsigned remaining;
    EventFate fate;
  };

  std::vector<CallRule> call_rules_;
  std::vector<EventRule> event_rules_;
  std::optional<kernel::Random> random_;
  RandomRates rates_;
  unsigned calls_ = 0;
};

}  // namespace simulator::radio
