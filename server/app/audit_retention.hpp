#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <optional>

#include "server/api/clock.hpp"
#include "server/http/observer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::app {

/// Whether the wall clock can be trusted with what can't be undone: it has gone on as a clock that
/// nobody sets for kClockTrial, without a jump of more than kClockJump between two looks.
class ClockTrial {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  /// Looks at both clocks, which are read at the same moment. True when the wall clock is trusted.
  [[nodiscard]] bool look(domain::Time wall, Steady steady);

 private:
  struct Look {
    domain::Time wall;
    Steady steady;
  };

  std::optional<Look> last_;
  Steady trusted_from_;
};

constexpr std::chrono::hours kClockTrial{1};
constexpr std::chrono::minutes kClockJump{1};

/// Removes from the audit log what is older than it shall be kept, as the wall clock says, once
/// that is trusted. Whole days: so there is at most one entry a day that says so, but for the first
/// time.
class AuditRetention {
 public:
  /// Entries are kept for `days`, at least 1, and until the end of that day (UTC). `store` and
  /// `observer`, which hears of failures, outlive this object; `clock` is the wall clock.
  AuditRetention(storage::Store& store, http::Observer& observer, std::chrono::days keep,
                 api::Clock clock);

  /// One look, as it is to be made every minute. How many entries were removed.
  [[nodiscard]] boost::asio::awaitable<std::size_t> look(ClockTrial::Steady steady);

 private:
  storage::Store& store_;
  http::Observer& observer_;
  const std::chrono::days keep_;
  const api::Clock clock_;
  ClockTrial trial_;
  bool failed_ = false;
};

/// What is removed when entries are kept for `keep`, at least 1 day: those from before this time.
[[nodiscard]] domain::Time audit_kept_from(domain::Time now, std::chrono::days keep);

}  // namespace fuota::server::app
