#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "esp_wifi.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/radio/candidate.hpp"
#include "simulator/radio/event_pump.hpp"
#include "simulator/radio/scan.hpp"
#include "simulator/radio/world.hpp"

namespace simulator::radio {

/// ESP-IDF's Wi-Fi driver of one power-on session, in station mode. The esp_wifi_* functions act on
/// the current one; what each of them does is said in esp_wifi.h.
class WifiDriver final : private World::Listener {
 public:
  /// How long things take, from the chip's logs.
  struct Timing {
    std::int64_t start_us = 50'000;              ///< esp_wifi_start until its event
    std::int64_t event_us = 500;                 ///< any other event
    std::int64_t auth_us = 30'000;               ///< found until associated or refused
    std::int64_t handshake_us = 40'000;          ///< associated until connected
    std::int64_t auth_timeout_us = 1'000'000;    ///< the access point went away
    std::int64_t wrong_password_us = 3'500'000;  ///< four unanswered handshake messages
    std::int64_t beacon_timeout_us = 6'000'000;  ///< docs/en/api-guides/wifi.rst
    std::int64_t home_dwell_us = 30'000;         ///< between channels while connected
  };
  struct Options {
    DriverBehaviour behaviour;
    Timing timing;
  };

  /// What a test counts to find leaks.
  struct Statistics {
    unsigned inits = 0;  ///< that had an effect
    unsigned deinits = 0;
    unsigned starts = 0;
    unsigned stops = 0;
    unsigned scans = 0;
    unsigned connections = 0;
    /// Lists of access points that were overwritten or lost instead of taken or cleared.
    unsigned scan_lists_leaked = 0;
    /// Changes of configuration that were written to flash (WIFI_STORAGE_FLASH).
    unsigned flash_writes = 0;
  };

  /// `world` must outlive it. Makes itself current; one at a time, in a session.
  explicit WifiDriver(World& world) : WifiDriver(world, Options{}) {}
  WifiDriver(World& world, Options options);
  ~WifiDriver();
  WifiDriver(const WifiDriver&) = delete;
  WifiDriver& operator=(const WifiDriver&) = delete;

  /// Aborts with a message when there is none.
  static WifiDriver& current();
  static WifiDriver* current_or_null();

  esp_err_t init(const wifi_init_config_t* config);
  esp_err_t deinit();
  esp_err_t set_mode(wifi_mode_t mode);
  esp_err_t get_mode(wifi_mode_t* mode) const;
  esp_err_t start();
  esp_err_t stop();
  esp_err_t connect();
  esp_err_t disconnect();
  esp_err_t scan_start(const wifi_scan_config_t* config, bool block);
  esp_err_t scan_stop();
  esp_err_t scan_get_ap_num(std::uint16_t* number) const;
  esp_err_t scan_get_ap_records(std::uint16_t* number, wifi_ap_record_t* records);
  esp_err_t clear_ap_list();
  esp_err_t sta_get_ap_info(wifi_ap_record_t* info) const;
  esp_err_t set_ps(wifi_ps_type_t type);
  esp_err_t get_ps(wifi_ps_type_t* type) const;
  esp_err_t set_config(wifi_interface_t interface, const wifi_config_t* config);
  esp_err_t get_config(wifi_interface_t interface, wifi_config_t* config) const;
  esp_err_t set_storage(wifi_storage_t storage);

  [[nodiscard]] World& world() const { return world_; }
  [[nodiscard]] const Statistics& statistics() const { return statistics_; }
  [[nodiscard]] bool installed() const { return state_ != State::absent; }
  /// Records of the last scan that nobody has taken or cleared.
  [[nodiscard]] std::size_t scan_records_held() const { return records_.size(); }

  /// The access point that the station is connected to; it may have vanished without the station
  /// knowing yet.
  [[nodiscard]] std::optional<AccessPointId> connected_to() const;
  /// Whether frames get through now: connected, and the access point still there.
  [[nodiscard]] bool frames_pass() const;
  [[nodiscard]] wifi_ps_type_t power_save() const { return power_save_; }
  /// When the station hears what is sent to it at `at_us`. In modem sleep (esp_wifi_set_ps) that is
  /// the access point's next beacon at which the station listens: every one with
  /// WIFI_PS_MIN_MODEM, every `listen_interval`th with WIFI_PS_MAX_MODEM. Beacons are 102.4 ms
  /// apart and lie on multiples of that on the virtual clock; each of them announces waiting frames
  /// (DTIM 1), all of which are then delivered (docs/en/api-guides/wifi.rst, "Wi-Fi Power-saving
  /// Mode").
  [[nodiscard]] std::int64_t hears_at_us(std::int64_t at_us) const;
  /// Called at every change of one of the above, outside of any task or on the task that caused it.
  void set_link_listener(std::function<void()> listener) { link_listener_ = std::move(listener); }

 private:
  enum class State { absent, installed, started };
  enum class Station { idle, connecting, connected };
  class Waiter;
  static Waiter* make_waiter();

  void on_change(AccessPointId id) override;
  void on_kick(AccessPointId id, std::uint8_t reason) override;
  void on_spurious(std::int32_t wifi_event_id, std::uint8_t reason) override;

  [[nodiscard]] ScanPlan plan(const wifi_scan_config_t& config) const;
  void begin_scan(const wifi_scan_config_t& config, bool block);
  void scan_done(bool asks_by_name, std::vector<ScanResult> results);
  void abort_scan();
  void wake_scan_waiter(esp_err_t outcome);
  void hold_records(std::vector<wifi_ap_record_t> records);
  void keep_records_memory();

  // The steps of a connection, each after the time that it takes.
  void search();
  void try_next();
  void associate();
  void handshake();
  void connected();
  void fail(std::uint8_t reason);
  void after(std::int64_t delay_us, void (WifiDriver::*step)());

  /// Ends a connection or an attempt, with its event.
  void leave(std::uint8_t reason);
  void watch_beacons();
  void post_disconnected(std::uint8_t reason);
  void link_changed();

  World& world_;
  const Options options_;
  EventPump events_;
  Statistics statistics_;
  std::function<void()> link_listener_;

  kernel::HeapBlock memory_;  ///< of the driver itself, while it is installed
  State state_ = State::absent;
  wifi_mode_t mode_ = WIFI_MODE_NULL;
  wifi_storage_t storage_ = WIFI_STORAGE_FLASH;
  wifi_ps_type_t power_save_ = WIFI_PS_MIN_MODEM;
  wifi_config_t config_{};

  std::unique_ptr<Scan> scan_;
  Waiter* scan_waiter_ = nullptr;  ///< the session's object store owns it
  bool scan_blocks_ = false;
  std::optional<esp_err_t> blocking_outcome_;
  std::uint8_t scan_id_ = 0;
  std::vector<wifi_ap_record_t> records_;
  kernel::HeapBlock records_memory_;

  Station station_ = Station::idle;
  StationConfig target_;
  std::unique_ptr<Scan> search_;
  std::vector<ScanResult> candidates_;  ///< still to be tried, the best last
  ScanResult peer_;                     ///< being tried, or connected to
  std::uint64_t step_alarm_ = 0;
  std::uint64_t beacon_alarm_ = 0;
  std::uint64_t loss_alarm_ = 0;
};

}  // namespace simulator::radio
