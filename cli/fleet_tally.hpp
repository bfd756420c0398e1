#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cli/fleet_histogram.hpp"

namespace fuota::cli {

/// What can go wrong with a contact.
enum class FleetError : std::uint8_t {
  connect,    ///< no connection
  handshake,  ///< no TLS session: not TLS, an untrusted certificate, a broken connection
  timeout,    ///< not done within the time that was given
  lost,       ///< the connection ended before the answer did
  malformed,  ///< what came is no HTTP answer, or says nothing that can be understood
  status,     ///< an answer that is none of those that a healthy server gives
  local,      ///< this machine has no port or no descriptor left
  overdue,    ///< due, but not begun, since the checks before took too long
};
constexpr std::size_t kFleetErrors = 8;

/// The name in reports, such as "handshake".
[[nodiscard]] std::string_view name_of(FleetError error);

/// One thing that went wrong, and how in words.
struct FleetFailure {
  FleetError error;
  std::string example;
};

/// What a fleet has counted.
struct FleetTally {
  std::uint64_t checks = 0;      ///< answered with a status that a check has: 200 or 204
  std::uint64_t downloads = 0;   ///< that came whole
  std::uint64_t deferred = 0;    ///< downloads that were put off by 503 with Retry-After
  std::uint64_t unfinished = 0;  ///< downloads that the end of the run cut, or kept waiting
  std::uint64_t spread = 0;      ///< answers to checks that had Retry-After
  std::uint64_t handshakes_full = 0;
  std::uint64_t handshakes_resumed = 0;  ///< as OpenSSL says, not as was asked for
  std::uint64_t reconnects = 0;  ///< kept connections that the server had closed in the meantime
  std::uint64_t bytes_sent = 0;  ///< of HTTP, without what TLS adds
  std::uint64_t bytes_received = 0;
  std::map<unsigned, std::uint64_t> statuses;
  std::array<std::uint64_t, kFleetErrors> errors{};
  std::array<std::string, kFleetErrors> examples;  ///< of each kind of error, in words
  LatencyHistogram check_latency;  ///< of checks, from when they were due to the answer's end
  LatencyHistogram
      download_latency;  ///< of downloads, from the first request, putting off included

  void count_error(FleetFailure failure);
  void merge(const FleetTally& other);
  [[nodiscard]] std::uint64_t error_count() const;
};

}  // namespace fuota::cli
