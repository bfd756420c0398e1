#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/fleet_client.hpp"

namespace fuota::cli {

/// One device of the fleet: checks, downloads what it is offered, stays away when it is told to.
class FleetDevice {
 public:
  using TimePoint = FleetPlan::TimePoint;

  FleetDevice(const FleetScope& scope, std::uint64_t index);

  /// Whether it still has a contact to make: checks of its share, or a download that was put off.
  [[nodiscard]] bool wants_more() const;

  /// Whether a download was put off for which it comes back.
  [[nodiscard]] bool comes_back() const { return put_off_since_.has_value(); }

  /// Not before then, as the server has asked.
  [[nodiscard]] TimePoint not_before() const { return not_before_; }

  /// Makes a contact that was due then: a check and, where that is asked for, a download. False
  /// when no connection came about, so that it makes no sense to try again at once.
  [[nodiscard]] boost::asio::awaitable<bool> contact(TimePoint due);

  /// Holds the connection of the last contact until the end.
  [[nodiscard]] boost::asio::awaitable<void> hold();

  /// What is left undone at the end of the run.
  void give_up();

  /// Ends its waiting when the plan's end has been brought forward.
  void interrupt();

  [[nodiscard]] std::uint64_t index() const { return index_; }
  [[nodiscard]] bool holding() const { return client_.holding(); }
  [[nodiscard]] boost::asio::steady_timer& timer() { return timer_; }

 private:
  boost::asio::awaitable<bool> check(TimePoint due);
  boost::asio::awaitable<bool> download(std::string path, TimePoint asked);
  bool fail(FleetFailure failure);
  void fail_status(const FleetAnswer& answer);
  void stay_away(std::uint32_t seconds);

  FleetScope scope_;
  std::uint64_t index_;
  FleetClient client_;
  boost::asio::steady_timer timer_;
  std::optional<std::uint64_t> left_;  ///< contacts of its share; none: no limit
  TimePoint not_before_ = TimePoint::min();
  std::optional<TimePoint> put_off_since_;  ///< when the download was asked for that was put off
  unsigned put_off_ = 0;
};

}  // namespace fuota::cli
