#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/kernel/idf_version.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/net/transport.hpp"
#include "simulator/radio/access_point.hpp"

namespace simulator::app {

/// When the program ends by itself.
enum class Until {
  forever,  ///< it doesn't
  idle,     ///< a check found nothing to do, and the device is off the air again
  updated,  ///< the same, by a firmware that this run installed
  time,     ///< a virtual time
};

/// The values that are provisioned in NVS (docs/provisioning.md); empty ones are left alone.
struct Provisioning {
  std::string device_id;
  std::string server_name;
  std::optional<std::uint16_t> server_port;
  std::string username;
  std::string password;
  std::filesystem::path certificate;
  std::string fleet_key;
  std::filesystem::path client_certificate;
  std::filesystem::path client_key;
  std::string ap_ssid;
  std::optional<std::string> ap_password;
  std::vector<std::string> trusted_keys;
  std::optional<std::uint16_t> key_threshold;
  std::optional<std::uint16_t> key_version;
};

struct Options {
  std::filesystem::path flash;
  std::filesystem::path image;       ///< empty: boot what is in the flash
  std::filesystem::path partitions;  ///< empty: those of the sample application
  std::size_t flash_bytes = 4U << 20;
  std::string chip;  ///< empty: that of the image
  std::optional<std::array<std::uint8_t, 6>> mac;
  bool rollback = true;
  kernel::IdfVersion idf = kernel::IdfVersion::v5_5;
  Provisioning provisioning;
  std::vector<radio::AccessPoint> access_points;
  std::vector<std::pair<net::Endpoint, net::Endpoint>> routes;
  kernel::Speed speed = kernel::Speed::real;
  Until until = Until::forever;
  std::int64_t until_us = 0;          ///< for Until::time
  std::int64_t time_limit_us = 0;     ///< virtual; how long to wait for what `until` names
  std::optional<std::uint64_t> seed;  ///< empty: another one in each run
  std::filesystem::path describe;     ///< only describe this image
};

/// Reads the command line. Instead of options, an exit status when the program is to end at once:
/// 0 after --help, 2 after a message that says what is wrong with which option.
[[nodiscard]] std::variant<Options, int> parse_options(int argument_count, char** arguments);

}  // namespace simulator::app
