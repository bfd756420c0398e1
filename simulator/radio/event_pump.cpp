#include "simulator/radio/event_pump.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "esp_log.h"
#include "esp_netif_types.h"
#include "esp_wifi_types.h"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::radio {

using kernel::Scheduler;

namespace {

constexpr std::int64_t kRetryUs = 1000;
constexpr char kNetifTag[] = "esp_netif_lwip";

}  // namespace

EventPump::EventPump(Faults& faults, EventSource source, WhenFull when_full)
    : faults_(faults), source_(source), when_full_(when_full) {}

EventPump::~EventPump() {
  Scheduler* scheduler = Scheduler::current_or_null();
  if (scheduler == nullptr) return;
  scheduler->cancel(alarm_);
  for (const std::uint64_t alarm : late_alarms_) scheduler->cancel(alarm);
}

void EventPump::post_bytes(std::int32_t id, const void* data, std::size_t size,
                           std::int64_t latency_us) {
  const auto* bytes = static_cast<const std::byte*>(data);
  Event event{id, {bytes, bytes + size}, Scheduler::current().now_us() + latency_us};
  const EventFate fate = faults_.on_event({source_, id});
  for (unsigned copy = 0; copy < fate.copies; ++copy) {
    const std::int64_t delay_us = fate.delay_us + copy * fate.repeat_us;
    if (delay_us > 0) {
      Event late = event;
      late.due_us += delay_us;
      post_late(std::move(late));
    } else {
      if (!in_order_.empty()) event.due_us = std::max(event.due_us, in_order_.back().due_us);
      in_order_.push_back(event);
    }
  }
  arm();
}

void EventPump::post_late(Event event) {
  const std::int64_t due_us = event.due_us;
  auto id = std::make_shared<std::uint64_t>(0);
  *id = Scheduler::current().call_at(due_us, [this, id, event = std::move(event)] {
    late_alarms_.erase(*id);
    if (deliver(event)) return;
    Event again = event;
    again.due_us = Scheduler::current().now_us() + kRetryUs;
    post_late(std::move(again));
  });
  late_alarms_.insert(*id);
}

void EventPump::arm() {
  if (alarm_ != 0 || in_order_.empty()) return;
  alarm_ = Scheduler::current().call_at(in_order_.front().due_us, [this] {
    alarm_ = 0;
    deliver_due();
    arm();
  });
}

void EventPump::deliver_due() {
  const std::int64_t now_us = Scheduler::current().now_us();
  while (!in_order_.empty() && in_order_.front().due_us <= now_us) {
    if (!deliver(in_order_.front())) {
      in_order_.front().due_us = now_us + kRetryUs;
      return;
    }
    in_order_.pop_front();
  }
}

bool EventPump::deliver(const Event& event) {
  const esp_event_base_t base = source_ == EventSource::wifi ? WIFI_EVENT : IP_EVENT;
  const esp_err_t error = esp_event_post(
      base, event.id, event.data.empty() ? nullptr : event.data.data(), event.data.size(), 0);
  if (error == ESP_ERR_TIMEOUT && when_full_ == WhenFull::wait) return false;
  if (error != ESP_OK && source_ == EventSource::ip) {
    ESP_LOGE(kNetifTag, "dhcpc cb: failed to post got ip event (%x)", static_cast<unsigned>(error));
  }
  return true;
}

void EventPump::hurry() {
  Scheduler& scheduler = Scheduler::current();
  for (Event& event : in_order_) event.due_us = scheduler.now_us();
  scheduler.cancel(std::exchange(alarm_, 0));
  arm();
}

}  // namespace simulator::radio
