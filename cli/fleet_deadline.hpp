#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>

namespace fuota::cli {

/// Something whose waiting has an end, looked after by a FleetDeadlines from construction to
/// destruction.
class FleetDeadline : public boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~FleetDeadline() = default;

  void set(Clock::time_point deadline) { deadline_ = deadline; }
  void clear() { deadline_ = Clock::time_point::max(); }

 private:
  friend class FleetDeadlines;

  /// Called once when the deadline has passed; it is cleared before.
  virtual void expire() = 0;

  Clock::time_point deadline_ = Clock::time_point::max();
};

/// Goes through the deadlines of one thread ten times a second, which for thousands of connections
/// costs less than a timer for each. All calls on the thread of `context`.
class FleetDeadlines {
 public:
  explicit FleetDeadlines(boost::asio::io_context& context) : timer_(context) {}

  /// Adds a deadline; it leaves by itself when it is destroyed. While there are any, `context` is
  /// kept running.
  void add(FleetDeadline& deadline);

 private:
  using List = boost::intrusive::list<FleetDeadline, boost::intrusive::constant_time_size<false>>;

  void start();
  void sweep();

  boost::asio::steady_timer timer_;
  List deadlines_;
  bool running_ = false;
};

}  // namespace fuota::cli
