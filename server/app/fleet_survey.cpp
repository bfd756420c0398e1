#include "server/app/fleet_survey.hpp"

#include <utility>

namespace fuota::server::app {

FleetSurvey::FleetSurvey(storage::Store& store, http::Observer& log)
    : store_(store), log_(log), every_minute_([this] { return count(); }) {}

std::optional<domain::FleetCounts> FleetSurvey::counts() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  return counts_;
}

boost::asio::awaitable<void> FleetSurvey::count() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(wanted_, false)) {
      counts_.reset();
      co_return;
    }
  }
  const auto counted = co_await store_.fleet_counts();
  if (!counted && !failed_) {
    log_.on_event(http::Severity::error, "the fleet can't be counted: " + counted.error().detail);
  }
  failed_ = !counted;
  const std::lock_guard lock(mutex_);
  counts_.reset();
  if (counted) counts_ = *counted;
}

}  // namespace fuota::server::app
