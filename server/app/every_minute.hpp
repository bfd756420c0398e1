#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <thread>

namespace fuota::server::app {

/// Does something at once and then every minute, on a thread of its own, until it is destroyed: a
/// task in progress then ends first.
class EveryMinute {
 public:
  /// `task` is called again a minute after it has ended.
  explicit EveryMinute(std::function<boost::asio::awaitable<void>()> task);
  EveryMinute(const EveryMinute&) = delete;
  EveryMinute& operator=(const EveryMinute&) = delete;
  ~EveryMinute();

 private:
  [[nodiscard]] boost::asio::awaitable<void> run();

  std::function<boost::asio::awaitable<void>()> task_;
  bool stopping_ = false;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  std::jthread thread_;
};

}  // namespace fuota::server::app
