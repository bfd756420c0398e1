#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fuota::cli {

/// How a device of a fleet comes to its TLS session at each check.
enum class FleetMode : std::uint8_t {
  full,        ///< a new connection with a full handshake
  resumed,     ///< a new connection that resumes the session of the one before
  keep_alive,  ///< the connection of the check before
};

/// What `fuota simulate fleet` was asked for.
struct FleetOptions {
  std::string server;  ///< HOST:PORT, with brackets around an IPv6 address
  std::string ca;      ///< file with the certificates that are trusted

  std::string user;
  std::string password;
  std::string tokens;  ///< file with a line `id,token` per device; instead of user and password

  std::uint64_t devices = 100;
  std::uint64_t first = 1;
  std::string id_format = "dev-%06d";
  std::string app_version = "0.0.0";
  bool native = false;

  FleetMode mode = FleetMode::full;
  std::string tls;  ///< "1.2", "1.3", or empty for the newest that the server speaks

  // At most one of these two; with none, `concurrency` checks are made at a time.
  std::optional<double> rate_checks_per_s;
  std::optional<double> interval_s;
  unsigned concurrency = 32;

  // The run ends by whichever comes first; with none, after `kFleetDurationS`.
  std::optional<double> duration_s;
  std::optional<std::uint64_t> checks;

  bool downloads = false;
  std::string file;                                   ///< download this instead of checking
  std::optional<std::uint64_t> download_bytes_per_s;  ///< of each device
  bool idle = false;                                  ///< check once, and hold the connections

  bool honour_retry_after = true;
  double timeout_s = 30;
  unsigned threads = 1;
  bool busy_wait = false;            ///< threads that never sleep
  std::vector<std::string> sources;  ///< local addresses to connect from, used in turn
  std::string json;                  ///< file to write the result to
  bool quiet = false;                ///< no progress on standard error
};

constexpr double kFleetDurationS = 10;

}  // namespace fuota::cli
