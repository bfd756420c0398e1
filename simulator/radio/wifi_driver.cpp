#include "simulator/radio/wifi_driver.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/wait_list.hpp"

namespace simulator::radio {

using kernel::misuse;
using kernel::Scheduler;

namespace {

WifiDriver* current_driver = nullptr;

/// Buffers and task of the driver with ESP-IDF's default configuration, about.
constexpr std::size_t kDriverBytes = 45'000;
constexpr std::int64_t kForever = INT64_MAX;
constexpr std::int64_t kUsPerMs = 1000;
constexpr std::uint32_t kActiveScanMs = 120;
constexpr std::uint32_t kPassiveScanMs = 360;
constexpr std::uint32_t kScanMsMax = 1500;
constexpr std::uint8_t kChannelMax = 14;
constexpr std::uint32_t kScanFailed = 1;

// Events of v5.5.5 that v4.4 and v6 number differently or that nobody should rely on: an
// application has to ignore what it doesn't know.
constexpr std::int32_t kBeaconTimeoutEvent = 21;
constexpr std::int32_t kHomeChannelChangeEvent = 43;

struct HomeChannelChange {
  std::uint8_t old_channel;
  wifi_second_chan_t old_second;
  std::uint8_t new_channel;
  wifi_second_chan_t new_second;
};

template <std::size_t kSize>
void copy_ssid(const std::string& ssid, std::uint8_t (&destination)[kSize]) {
  std::memcpy(destination, ssid.data(), std::min(ssid.size(), kSize));
}

}  // namespace

/// Where the task of a blocking scan waits. It outlives the driver, since the task may.
class WifiDriver::Waiter : public kernel::KernelObject {
 public:
  kernel::WaitList tasks;
};

WifiDriver::WifiDriver(World& world, Options options)
    : world_(world),
      options_(options),
      events_(world.faults(), EventSource::wifi, EventPump::WhenFull::wait),
      scan_waiter_(Scheduler::current().objects().create<Waiter>()) {
  if (current_driver != nullptr) misuse("WifiDriver", "another one is alive");
  current_driver = this;
  world_.begin_session(*this);
}

WifiDriver::~WifiDriver() {
  Scheduler& scheduler = Scheduler::current();
  for (const std::uint64_t alarm : {step_alarm_, beacon_alarm_, loss_alarm_}) {
    scheduler.cancel(alarm);
  }
  world_.end_session();
  current_driver = nullptr;
}

WifiDriver& WifiDriver::current() {
  if (current_driver == nullptr) misuse("WifiDriver::current", "no Wi-Fi driver is alive");
  return *current_driver;
}

WifiDriver* WifiDriver::current_or_null() {
  return current_driver;
}

esp_err_t WifiDriver::init(const wifi_init_config_t* config) {
  if (config == nullptr || config->magic != WIFI_INIT_CONFIG_MAGIC) return ESP_ERR_INVALID_ARG;
  if (state_ != State::absent) return ESP_OK;
  kernel::HeapBlock memory(Scheduler::current().heap(), kDriverBytes);
  if (!memory.ok()) return ESP_ERR_NO_MEM;
  memory_ = std::move(memory);
  state_ = State::installed;
  mode_ = WIFI_MODE_STA;
  storage_ = WIFI_STORAGE_FLASH;
  power_save_ = WIFI_PS_MIN_MODEM;
  config_ = {};
  ++statistics_.inits;
  return ESP_OK;
}

esp_err_t WifiDriver::deinit() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ == State::started) return ESP_ERR_WIFI_NOT_STOPPED;
  hold_records({});
  events_.hurry();
  memory_ = {};
  state_ = State::absent;
  ++statistics_.deinits;
  return ESP_OK;
}

esp_err_t WifiDriver::set_mode(wifi_mode_t mode) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (mode == WIFI_MODE_AP || mode == WIFI_MODE_APSTA) return ESP_ERR_NOT_SUPPORTED;
  if (mode != WIFI_MODE_NULL && mode != WIFI_MODE_STA) return ESP_ERR_INVALID_ARG;
  if (mode == mode_) return ESP_OK;
  if (storage_ == WIFI_STORAGE_FLASH) ++statistics_.flash_writes;
  if (state_ == State::started) {
    if (mode == WIFI_MODE_NULL) leave(WIFI_REASON_ASSOC_LEAVE);
    events_.post(mode == WIFI_MODE_NULL ? WIFI_EVENT_STA_STOP : WIFI_EVENT_STA_START,
                 options_.timing.event_us);
  }
  mode_ = mode;
  return ESP_OK;
}

esp_err_t WifiDriver::get_mode(wifi_mode_t* mode) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (mode == nullptr) return ESP_ERR_INVALID_ARG;
  *mode = mode_;
  return ESP_OK;
}

esp_err_t WifiDriver::start() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ == State::started) return ESP_OK;
  state_ = State::started;
  ++statistics_.starts;
  if (mode_ == WIFI_MODE_STA) events_.post(WIFI_EVENT_STA_START, options_.timing.start_us);
  return ESP_OK;
}

esp_err_t WifiDriver::stop() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ == State::installed) return ESP_OK;
  abort_scan();
  leave(WIFI_REASON_ASSOC_LEAVE);
  state_ = State::installed;
  ++statistics_.stops;
  if (mode_ == WIFI_MODE_STA) events_.post(WIFI_EVENT_STA_STOP, options_.timing.event_us);
  return ESP_OK;
}

esp_err_t WifiDriver::set_ps(wifi_ps_type_t type) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (type > WIFI_PS_MAX_MODEM) return ESP_ERR_INVALID_ARG;
  power_save_ = type;
  return ESP_OK;
}

esp_err_t WifiDriver::get_ps(wifi_ps_type_t* type) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (type == nullptr) return ESP_ERR_INVALID_ARG;
  *type = power_save_;
  return ESP_OK;
}

esp_err_t WifiDriver::set_config(wifi_interface_t interface, const wifi_config_t* config) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (config == nullptr) return ESP_ERR_INVALID_ARG;
  if (interface != WIFI_IF_STA) return ESP_ERR_WIFI_IF;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  if (station_ == Station::connecting) return ESP_ERR_WIFI_STATE;
  const std::string password = read_config(config->sta, options_.version).password;
  if (password.size() == sizeof config->sta.password && !is_raw_key(password)) {
    return ESP_ERR_WIFI_PASSWORD;
  }
  config_ = *config;
  if (storage_ == WIFI_STORAGE_FLASH) ++statistics_.flash_writes;
  return ESP_OK;
}

esp_err_t WifiDriver::get_config(wifi_interface_t interface, wifi_config_t* config) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (config == nullptr) return ESP_ERR_INVALID_ARG;
  if (interface != WIFI_IF_STA) return ESP_ERR_WIFI_IF;
  *config = config_;
  return ESP_OK;
}

esp_err_t WifiDriver::set_storage(wifi_storage_t storage) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (storage != WIFI_STORAGE_FLASH && storage != WIFI_STORAGE_RAM) return ESP_ERR_INVALID_ARG;
  storage_ = storage;
  return ESP_OK;
}

// Scanning.

ScanPlan WifiDriver::plan(const wifi_scan_config_t& config) const {
  ScanPlan plan;
  if (config.ssid != nullptr) {
    const auto* text = reinterpret_cast<const char*>(config.ssid);
    plan.ssid.emplace(text, strnlen(text, sizeof config_.sta.ssid));
  }
  if (config.bssid != nullptr) {
    plan.bssid.emplace();
    std::copy(config.bssid, config.bssid + plan.bssid->size(), plan.bssid->begin());
  }
  plan.channels = config.channel != 0 ? std::vector{config.channel} : all_channels();
  plan.hidden_too = config.show_hidden;
  plan.passive = config.scan_type == WIFI_SCAN_TYPE_PASSIVE;
  const wifi_active_scan_time_t& active = config.scan_time.active;
  const std::uint32_t passive_ms =
      config.scan_time.passive != 0 ? config.scan_time.passive : kPassiveScanMs;
  const std::uint32_t active_ms_max = active.max != 0 ? active.max : kActiveScanMs;
  const std::uint32_t active_ms_min =
      active.min != 0 && active.max != 0 ? active.min : active_ms_max;
  plan.dwell_us_max = kUsPerMs * (plan.passive ? passive_ms : active_ms_max);
  plan.dwell_us_min = kUsPerMs * (plan.passive ? passive_ms : active_ms_min);
  if (station_ == Station::connected) plan.home_dwell_us = options_.timing.home_dwell_us;
  return plan;
}

esp_err_t WifiDriver::scan_start(const wifi_scan_config_t* config, bool block) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  if (station_ == Station::connecting) return ESP_ERR_WIFI_STATE;
  const wifi_scan_config_t chosen = config != nullptr ? *config : wifi_scan_config_t{};
  const std::uint32_t longest_ms = std::max(
      {chosen.scan_time.active.min, chosen.scan_time.active.max, chosen.scan_time.passive});
  if (chosen.channel > kChannelMax || longest_ms > kScanMsMax) return ESP_ERR_INVALID_ARG;
  begin_scan(chosen, block);
  if (!block) return ESP_OK;
  while (!blocking_outcome_) {
    Scheduler::current().wait(scan_waiter_->tasks, kForever, "esp_wifi_scan_start");
  }
  return *blocking_outcome_;
}

void WifiDriver::begin_scan(const wifi_scan_config_t& config, bool block) {
  abort_scan();
  hold_records({});
  ++statistics_.scans;
  scan_blocks_ = block;
  blocking_outcome_.reset();
  ScanPlan scan_plan = plan(config);
  const bool asks_by_name = scan_plan.ssid && !scan_plan.passive;
  scan_ = std::make_unique<Scan>(
      world_, std::move(scan_plan),
      [this, asks_by_name](std::vector<ScanResult> r) { scan_done(asks_by_name, std::move(r)); });
}

void WifiDriver::scan_done(bool asks_by_name, std::vector<ScanResult> results) {
  scan_.reset();
  std::stable_sort(results.begin(), results.end(), [](const ScanResult& a, const ScanResult& b) {
    return a.heard.rssi > b.heard.rssi;
  });
  std::vector<wifi_ap_record_t> records;
  for (const ScanResult& result : results) {
    // A hidden access point tells its name only to who asks for it by name.
    const bool named = !result.heard.hidden || asks_by_name;
    records.push_back(to_record(result.heard, named));
  }
  hold_records(std::move(records));
  if (scan_blocks_) {
    wake_scan_waiter(ESP_OK);
    return;
  }
  wifi_event_sta_scan_done_t data{};
  data.number = static_cast<std::uint8_t>(std::min<std::size_t>(records_.size(), UINT8_MAX));
  data.scan_id = ++scan_id_;
  events_.post(WIFI_EVENT_SCAN_DONE, data, options_.timing.event_us);
}

void WifiDriver::abort_scan() {
  if (scan_ == nullptr) return;
  scan_.reset();
  if (scan_blocks_) {
    wake_scan_waiter(ESP_FAIL);
    return;
  }
  wifi_event_sta_scan_done_t data{};
  data.status = kScanFailed;
  data.scan_id = ++scan_id_;
  events_.post(WIFI_EVENT_SCAN_DONE, data, options_.timing.event_us);
}

void WifiDriver::wake_scan_waiter(esp_err_t outcome) {
  blocking_outcome_ = outcome;
  Scheduler::current().wake_all(scan_waiter_->tasks);
}

void WifiDriver::hold_records(std::vector<wifi_ap_record_t> records) {
  if (!records_.empty()) ++statistics_.scan_lists_leaked;
  records_ = std::move(records);
  keep_records_memory();
}

void WifiDriver::keep_records_memory() {
  records_memory_ = {};
  records_memory_ = {Scheduler::current().heap(), records_.size() * sizeof(wifi_ap_record_t)};
}

esp_err_t WifiDriver::scan_stop() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (station_ == Station::connecting) return ESP_ERR_WIFI_STATE;
  abort_scan();
  return ESP_OK;
}

esp_err_t WifiDriver::scan_get_ap_num(std::uint16_t* number) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (number == nullptr) return ESP_ERR_INVALID_ARG;
  *number = static_cast<std::uint16_t>(records_.size());
  return ESP_OK;
}

esp_err_t WifiDriver::scan_get_ap_records(std::uint16_t* number, wifi_ap_record_t* records) {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (number == nullptr || records == nullptr || *number == 0) return ESP_ERR_INVALID_ARG;
  const std::size_t count = std::min<std::size_t>(*number, records_.size());
  std::copy_n(records_.begin(), count, records);
  *number = static_cast<std::uint16_t>(count);
  records_.clear();
  keep_records_memory();
  return ESP_OK;
}

esp_err_t WifiDriver::clear_ap_list() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  records_.clear();
  keep_records_memory();
  return ESP_OK;
}

// Connecting.

esp_err_t WifiDriver::connect() {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (state_ != State::started) return ESP_ERR_WIFI_NOT_STARTED;
  if (mode_ != WIFI_MODE_STA) return ESP_ERR_WIFI_MODE;
  if (station_ != Station::idle) return ESP_ERR_WIFI_CONN;
  target_ = read_config(config_.sta, options_.version);
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
  plan.dwell_us_min = plan.dwell_us_max = kUsPerMs * kActiveScanMs;
  if (!target_.all_channels) {
    plan.enough = [this](const AccessPoint& access_point) {
      return qualifies(target_, access_point, options_.version);
    };
  }
  search_ = std::make_unique<Scan>(world_, plan, [this](std::vector<ScanResult> found) {
    search_.reset();
    Candidates candidates = choose(target_, std::move(found), options_.version);
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
  events_.post(kHomeChannelChangeEvent,
               HomeChannelChange{1, WIFI_SECOND_CHAN_NONE, heard.channel, WIFI_SECOND_CHAN_NONE},
               options_.timing.event_us);
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

esp_err_t WifiDriver::sta_get_ap_info(wifi_ap_record_t* info) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (info == nullptr) return ESP_ERR_INVALID_ARG;
  if (state_ != State::started) return ESP_ERR_WIFI_CONN;
  if (station_ != Station::connected) return ESP_ERR_WIFI_NOT_CONNECT;
  *info = to_record(peer_.heard, true);
  return ESP_OK;
}

}  // namespace simulator::radio
