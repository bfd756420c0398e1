// Connecting, being connected and losing the connection (docs/en/api-guides/wifi.rst of ESP-IDF
// v5.5.5, "Wi-Fi Station Connecting Scenario").

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/kernel/scheduler.hpp"
#include "simulator/radio/wifi_driver.hpp"

namespace simulator::radio {

using kernel::Scheduler;

namespace {

/// Of each channel, while looking for an access point to connect to.
constexpr std::int64_t kSearchUs = 120'000;

/// 100 time units of 1024 us, what access points come with.
constexpr std::int64_t kBeaconIntervalUs = 102'400;
/// What wifi_sta_config_t::listen_interval 0 means (esp_wifi_types_generic.h).
constexpr std::uint16_t kListenInterval = 3;

// Events that are not in the simulator's headers: an application has to ignore what it doesn't
// know.
constexpr std::int32_t kBeaconTimeoutEvent = 21;
constexpr std::int32_t kHomeChannelChangeEvent = 43;

struct HomeChannelChange {
  std::uint8_t old_channel;
  wifi_second_chan_t old_second;
  std::uint8_t new_channel;
  wifi_second_chan_t new_second;
};

template <std::size_t Size>
void copy_ssid(const std::string& ssid, std::uint8_t (&destination)[Size]) {
  std::memcpy(destination, ssid.data(), std::min(ssid.size(), Size));
}

}  // namespace

esp_err_t WifiDriver::connect() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  if (station_ != Station::idle) return ESP_ERR_WIFI_CONN;
  target_ = read_config(config_.sta, options_.behaviour);
  if (target_.ssid.empty()) return ESP_ERR_WIFI_SSID;
  abort_scan();
  station_ = Station::connecting;
  peer_ = {};
  peer_.heard.ssid = target_.ssid;
  peer_.heard.bssid = {};
  search();
  return ESP_OK;
}

esp_err_t WifiDriver::disconnect() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  leave(WIFI_REASON_ASSOC_LEAVE);
  return ESP_OK;
}

void WifiDriver::after(std::int64_t delay_us, void (WifiDriver::*step)()) {
  Scheduler& scheduler = Scheduler::current();
  step_alarm_ = scheduler.call_at(scheduler.now_us() + delay_us, [this, step] {
    step_alarm_ = 0;
    (this->*step)();
  });
}

void WifiDriver::search() {
  ScanPlan plan;
  plan.ssid = target_.ssid;
  plan.bssid = target_.bssid;
  plan.channels = all_channels();
  if (target_.channel != 0) {
    std::erase(plan.channels, target_.channel);
    plan.channels.insert(plan.channels.begin(), target_.channel);
  }
  plan.hidden_too = true;
  plan.dwell_us_min = plan.dwell_us_max = kSearchUs;
  if (!target_.all_channels) {
    plan.enough = [this](const AccessPoint& access_point) {
      return qualifies(target_, access_point, options_.behaviour);
    };
  }
  search_ = std::make_unique<Scan>(world_, plan, [this](std::vector<ScanResult> found) {
    search_.reset();
    Candidates candidates = choose(target_, std::move(found), options_.behaviour);
    if (candidates.in_order.empty()) {
      fail(candidates.reason);
      return;
    }
    candidates_ = std::move(candidates.in_order);
    std::reverse(candidates_.begin(), candidates_.end());
    try_next();
  });
}

void WifiDriver::try_next() {
  peer_ = std::move(candidates_.back());
  candidates_.pop_back();
  after(options_.timing.auth_us, &WifiDriver::associate);
}

void WifiDriver::associate() {
  const AccessPoint& access_point = world_.at(peer_.id);
  if (!access_point.present) {
    after(options_.timing.auth_timeout_us - options_.timing.auth_us, &WifiDriver::handshake);
    return;
  }
  const bool wrong = !accepts_password(access_point, target_.password);
  const bool slow = wrong && access_point.authmode != WIFI_AUTH_WPA3_PSK;
  after(slow ? options_.timing.wrong_password_us : options_.timing.handshake_us,
        &WifiDriver::handshake);
}

void WifiDriver::handshake() {
  const AccessPoint& access_point = world_.at(peer_.id);
  if (!access_point.present) {
    fail(WIFI_REASON_AUTH_EXPIRE);
  } else if (access_point.refuses_with) {
    fail(*access_point.refuses_with);
  } else if (!accepts_password(access_point, target_.password)) {
    // SAE tells a wrong password already in the authentication.
    const bool sae = access_point.authmode == WIFI_AUTH_WPA3_PSK;
    fail(sae ? std::uint8_t{WIFI_REASON_AUTH_FAIL} : access_point.wrong_password_reason);
  } else {
    peer_.heard = access_point;
    connected();
  }
}

void WifiDriver::connected() {
  station_ = Station::connected;
  candidates_.clear();
  ++statistics_.connections;
  const AccessPoint& heard = peer_.heard;
  if (options_.behaviour.posts_home_channel) {
    events_.post(kHomeChannelChangeEvent,
                 HomeChannelChange{1, WIFI_SECOND_CHAN_NONE, heard.channel, WIFI_SECOND_CHAN_NONE},
                 options_.timing.event_us);
  }
  wifi_event_sta_connected_t data{};
  copy_ssid(heard.ssid, data.ssid);
  data.ssid_len = static_cast<std::uint8_t>(heard.ssid.size());
  std::copy(heard.bssid.begin(), heard.bssid.end(), data.bssid);
  data.channel = heard.channel;
  data.authmode = heard.authmode;
  events_.post(WIFI_EVENT_STA_CONNECTED, data, options_.timing.event_us);
  if (heard.link_loss) {
    Scheduler& scheduler = Scheduler::current();
    loss_alarm_ = scheduler.call_at(scheduler.now_us() + heard.link_loss->after_us, [this] {
      loss_alarm_ = 0;
      leave(peer_.heard.link_loss->reason);
    });
  }
  link_changed();
}

void WifiDriver::fail(std::uint8_t reason) {
  if (!candidates_.empty()) {
    try_next();
    return;
  }
  leave(reason);
}

void WifiDriver::leave(std::uint8_t reason) {
  if (station_ == Station::idle) return;
  Scheduler& scheduler = Scheduler::current();
  for (std::uint64_t* alarm : {&step_alarm_, &beacon_alarm_, &loss_alarm_}) {
    scheduler.cancel(std::exchange(*alarm, 0));
  }
  search_.reset();
  candidates_.clear();
  station_ = Station::idle;
  post_disconnected(reason);
  link_changed();
}

void WifiDriver::post_disconnected(std::uint8_t reason) {
  wifi_event_sta_disconnected_t data{};
  copy_ssid(peer_.heard.ssid, data.ssid);
  data.ssid_len = static_cast<std::uint8_t>(peer_.heard.ssid.size());
  std::copy(peer_.heard.bssid.begin(), peer_.heard.bssid.end(), data.bssid);
  data.reason = reason;
  data.rssi = peer_.heard.rssi;
  events_.post(WIFI_EVENT_STA_DISCONNECTED, data, options_.timing.event_us);
}

// The link.

std::optional<AccessPointId> WifiDriver::connected_to() const {
  if (station_ != Station::connected) return std::nullopt;
  return peer_.id;
}

bool WifiDriver::frames_pass() const {
  if (station_ != Station::connected) return false;
  const AccessPoint& now = world_.at(peer_.id);
  return now.present && now.channel == peer_.heard.channel && now.ssid == peer_.heard.ssid &&
         now.bssid == peer_.heard.bssid;
}

std::int64_t WifiDriver::hears_at_us(std::int64_t at_us) const {
  if (power_save_ == WIFI_PS_NONE || station_ != Station::connected) return at_us;
  std::int64_t interval_us = kBeaconIntervalUs;
  if (power_save_ == WIFI_PS_MAX_MODEM) {
    const std::uint16_t listened = config_.sta.listen_interval;
    interval_us *= listened != 0 ? listened : kListenInterval;
  }
  return (at_us + interval_us - 1) / interval_us * interval_us;
}

void WifiDriver::link_changed() {
  if (link_listener_) link_listener_();
}

void WifiDriver::watch_beacons() {
  Scheduler& scheduler = Scheduler::current();
  if (frames_pass()) {
    scheduler.cancel(std::exchange(beacon_alarm_, 0));
  } else if (beacon_alarm_ == 0) {
    beacon_alarm_ =
        scheduler.call_at(scheduler.now_us() + options_.timing.beacon_timeout_us, [this] {
          beacon_alarm_ = 0;
          events_.post(kBeaconTimeoutEvent, options_.timing.event_us);
          leave(WIFI_REASON_BEACON_TIMEOUT);
        });
  }
}

void WifiDriver::on_change(AccessPointId id) {
  if (connected_to() != id) return;
  if (world_.at(id).present) peer_.heard.rssi = world_.at(id).rssi;
  watch_beacons();
  link_changed();
}

void WifiDriver::on_kick(AccessPointId id, std::uint8_t reason) {
  if (connected_to() == id) leave(reason);
}

void WifiDriver::on_spurious(std::int32_t wifi_event_id, std::uint8_t reason) {
  if (state_ == State::absent) return;
  if (wifi_event_id == WIFI_EVENT_STA_DISCONNECTED) {
    post_disconnected(reason);
  } else {
    events_.post(wifi_event_id, options_.timing.event_us);
  }
}

}  // namespace simulator::radio
