#pragma once

#include <boost/asio/awaitable.hpp>
#include <mutex>
#include <optional>

#include "server/app/every_minute.hpp"
#include "server/domain/fleet_counts.hpp"
#include "server/http/observer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::app {

/// Counts the fleet every minute, as long as somebody wants to know: with a million devices that
/// takes seconds, on a thread of the store's.
class FleetSurvey {
 public:
  /// Both outlive the survey. `log` is told when the fleet can't be counted any more.
  FleetSurvey(storage::Store& store, http::Observer& log);

  /// The last counts, not much older than a minute; nothing when there are none, be it that nobody
  /// has asked for a minute. Any thread.
  [[nodiscard]] std::optional<domain::FleetCounts> counts();

 private:
  [[nodiscard]] boost::asio::awaitable<void> count();

  storage::Store& store_;
  http::Observer& log_;
  std::mutex mutex_;
  std::optional<domain::FleetCounts> counts_;
  bool wanted_ = true;  ///< Since the last count.
  bool failed_ = false;
  EveryMinute every_minute_;  ///< Last: it begins at once.
};

}  // namespace fuota::server::app
