#include "server/app/every_minute.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <latch>

namespace fuota::server::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> count_down(std::latch& begun) {
  begun.count_down();
  co_return;
}

TEST(EveryMinute, BeginsAtOnceAndEndsWithoutWaitingForTheNextMinute) {
  std::latch begun(1);
  const EveryMinute task([&begun] { return count_down(begun); });
  begun.wait();
}

asio::awaitable<void> go_on_after(std::latch& begun, std::latch& may_end, bool& ended) {
  begun.count_down();
  may_end.wait();
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  ended = true;
}

TEST(EveryMinute, LetsATaskInProgressEnd) {
  std::latch begun(1);
  std::latch may_end(1);
  bool ended = false;
  {
    const EveryMinute task([&] { return go_on_after(begun, may_end, ended); });
    begun.wait();
    may_end.count_down();
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace fuota::server::app
