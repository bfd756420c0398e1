#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulator/radio/world.hpp"

namespace simulator::radio {

/// What the radio looks for, and how long it listens.
struct ScanPlan {
  std::optional<std::string> ssid;
  std::optional<Bssid> bssid;
  std::vector<std::uint8_t> channels;  ///< in the order of listening
  bool hidden_too = false;
  bool passive = false;
  std::int64_t dwell_us_min = 0;   ///< on a channel where nobody answers
  std::int64_t dwell_us_max = 0;   ///< on a channel where somebody does
  std::int64_t home_dwell_us = 0;  ///< between two channels, to keep a connection alive
  /// Ends after the channel where it heard one of these; empty: never.
  std::function<bool(const AccessPoint&)> enough;
};

struct ScanResult {
  AccessPointId id = 0;
  AccessPoint heard;  ///< as it was then
};

/// All channels that ESP-IDF's default country configuration scans.
std::vector<std::uint8_t> all_channels();

/// One walk of the radio over the channels, in virtual time.
class Scan {
 public:
  using Done = std::function<void(std::vector<ScanResult>)>;

  Scan(const World& world, ScanPlan plan, Done done);
  /// Stops without calling `done`.
  ~Scan();
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

 private:
  void listen();
  void leave_channel();
  [[nodiscard]] bool matches(const AccessPoint& access_point) const;
  /// What is on the air of `channel` now.
  [[nodiscard]] std::vector<ScanResult> hear(std::uint8_t channel) const;

  const World& world_;
  const ScanPlan plan_;
  Done done_;
  std::vector<ScanResult> results_;
  std::size_t next_channel_ = 0;
  std::uint64_t alarm_ = 0;
};

/// The record that `esp_wifi_scan_get_ap_records` gives of it.
wifi_ap_record_t to_record(const AccessPoint& access_point, bool with_ssid);

}  // namespace simulator::radio
