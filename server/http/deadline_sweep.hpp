#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>

namespace fuota::server::http {

/// Something whose waiting has an end. Belongs to one DeadlineSweep from construction to
/// destruction. Setting a deadline is a store of one number, however often it is done.
class Deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Deadline() = default;

  void set(Clock::time_point deadline) { deadline_ = deadline; }
  void clear() { deadline_ = Clock::time_point::max(); }

 private:
  friend class DeadlineSweep;

  /// Called once when the deadline has passed; it is cleared before.
  virtual void expire() = 0;

  Clock::time_point deadline_ = Clock::time_point::max();
};

/// Looks after the deadlines of one thread: goes through them all once in a period, which for
/// thousands of connections costs less than a timer for each. All calls on the thread of `context`.
class DeadlineSweep {
 public:
  DeadlineSweep(boost::asio::io_context& context, std::chrono::milliseconds period);

  /// Adds a deadline; it leaves by itself when it is destroyed. While there are any, the sweep
  /// keeps `context` running.
  void add(Deadline& deadline);

  /// Stops looking, which lets `context` come to its end. Nothing is added afterwards.
  void stop();

 private:
  using List = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;

  void start();
  void sweep();

  boost::asio::steady_timer timer_;
  std::chrono::milliseconds period_;
  List deadlines_;
  bool running_ = false;
};

}  // namespace fuota::server::http
