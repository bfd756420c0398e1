#include "simulator/radio/wifi_driver.hpp"

#include <utility>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::radio {

using kernel::misuse;
using kernel::Scheduler;

namespace {

WifiDriver* current_driver = nullptr;

/// Buffers and task of the driver with ESP-IDF's default configuration, about.
constexpr std::size_t kDriverBytes = 45'000;

}  // namespace

WifiDriver::WifiDriver(World& world, Options options)
    : world_(world),
      options_(options),
      events_(world.faults(), EventSource::wifi, EventPump::WhenFull::wait),
      scan_waiter_(make_waiter()) {
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
  if (state_ != State::absent) {
    return options_.behaviour.refuses_second_init ? ESP_ERR_INVALID_STATE : ESP_OK;
  }
  kernel::HeapBlock memory(Scheduler::current().heap(), kDriverBytes, kernel::HeapPieces::many);
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
  link_changed();
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
  const std::string password = read_config(config->sta, options_.behaviour).password;
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

esp_err_t WifiDriver::sta_get_ap_info(wifi_ap_record_t* info) const {
  if (state_ == State::absent) return ESP_ERR_WIFI_NOT_INIT;
  if (info == nullptr) return ESP_ERR_INVALID_ARG;
  if (state_ != State::started) return ESP_ERR_WIFI_CONN;
  if (station_ != Station::connected) return ESP_ERR_WIFI_NOT_CONNECT;
  *info = to_record(peer_.heard, true);
  return ESP_OK;
}

}  // namespace simulator::radio
