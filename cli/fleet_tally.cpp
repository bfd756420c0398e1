#include "cli/fleet_tally.hpp"

#include <numeric>
#include <utility>

namespace fuota::cli {
namespace {

constexpr std::array<std::string_view, kFleetErrors> kNames = {
    "connect", "handshake", "timeout", "lost", "malformed", "status", "local", "overdue"};

}  // namespace

std::string_view name_of(FleetError error) {
  return kNames[static_cast<std::size_t>(error)];
}

void FleetTally::count_error(FleetFailure failure) {
  const auto kind = static_cast<std::size_t>(failure.error);
  if (errors[kind]++ == 0) examples[kind] = std::move(failure.example);
}

void FleetTally::merge(const FleetTally& other) {
  checks += other.checks;
  downloads += other.downloads;
  deferred += other.deferred;
  unfinished += other.unfinished;
  spread += other.spread;
  handshakes_full += other.handshakes_full;
  handshakes_resumed += other.handshakes_resumed;
  reconnects += other.reconnects;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  for (const auto& [status, count] : other.statuses) statuses[status] += count;
  for (std::size_t kind = 0; kind < kFleetErrors; ++kind) {
    errors[kind] += other.errors[kind];
    if (examples[kind].empty()) examples[kind] = other.examples[kind];
  }
  check_latency.merge(other.check_latency);
  download_latency.merge(other.download_latency);
}

std::uint64_t FleetTally::error_count() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

}  // namespace fuota::cli
