#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "server/domain/update_state.hpp"

namespace fuota::server::domain {

/// The fleet in numbers, as of one instant.
struct FleetCounts {
  std::uint64_t devices = 0;  ///< Those that have a row.

  /// Of them, by the state of their update, in the order of UpdateState. A device whose row's file
  /// was not uploaded has no update, and is in none of them.
  std::array<std::uint64_t, static_cast<std::size_t>(UpdateState::done) + 1> by_state{};

  friend bool operator==(const FleetCounts&, const FleetCounts&) = default;
};

}  // namespace fuota::server::domain
