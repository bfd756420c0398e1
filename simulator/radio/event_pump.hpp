#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <vector>

#include "esp_event.h"
#include "simulator/radio/faults.hpp"

namespace simulator::radio {

/// Takes events from the drivers to the default event loop, later and outside of any task, as the
/// tasks of the Wi-Fi driver and of the TCP/IP stack do on the chip. Events keep their order unless
/// a fault delays one.
class EventPump {
 public:
  /// What the driver does when the event loop's queue is full.
  enum class WhenFull {
    wait,  ///< the Wi-Fi driver: it and all later events wait
    lose,  ///< the TCP/IP stack, with a log line (esp_netif_lwip.c of v5.5.5)
  };

  EventPump(Faults& faults, EventSource source, WhenFull when_full);
  ~EventPump();
  EventPump(const EventPump&) = delete;
  EventPump& operator=(const EventPump&) = delete;

  /// `data` is copied. The event reaches the loop after `latency_us`.
  template <typename Data>
  void post(std::int32_t id, const Data& data, std::int64_t latency_us) {
    post_bytes(id, &data, sizeof(Data), latency_us);
  }
  void post(std::int32_t id, std::int64_t latency_us) { post_bytes(id, nullptr, 0, latency_us); }

  /// What is on its way in order reaches the loop before anything else happens. What a fault delays
  /// still comes late.
  void hurry();

 private:
  struct Event {
    std::int32_t id = 0;
    std::vector<std::byte> data;
    std::int64_t due_us = 0;
  };

  void post_bytes(std::int32_t id, const void* data, std::size_t size, std::int64_t latency_us);
  void post_late(Event event);
  void arm();
  void deliver_due();
  /// False when the loop has no room and the event has to wait.
  bool deliver(const Event& event);

  Faults& faults_;
  const EventSource source_;
  const WhenFull when_full_;
  std::deque<Event> in_order_;
  std::uint64_t alarm_ = 0;
  std::set<std::uint64_t> late_alarms_;
};

}  // namespace simulator::radio
