#include "server/app/every_minute.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <utility>

namespace fuota::server::app {

namespace asio = boost::asio;

EveryMinute::EveryMinute(std::function<asio::awaitable<void>()> task) : task_(std::move(task)) {
  asio::co_spawn(context_, run(), asio::detached);
  thread_ = std::jthread([this] { context_.run(); });
}

EveryMinute::~EveryMinute() {
  asio::post(context_, [this] {
    stopping_ = true;
    timer_.cancel();
  });
}

asio::awaitable<void> EveryMinute::run() {
  while (!stopping_) {
    try {
      co_await task_();
    } catch (const std::exception&) {  // No memory: the next minute may have some.
    }
    if (stopping_) co_return;
    timer_.expires_after(std::chrono::minutes(1));
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace fuota::server::app
