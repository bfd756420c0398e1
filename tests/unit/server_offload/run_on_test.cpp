#include "server/offload/run_on.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::offload {
namespace {

using boost::asio::awaitable;
using test_support::run_awaitable;

/// Says where it was destroyed.
class Witness {
 public:
  explicit Witness(std::thread::id& destroyed) : destroyed_(&destroyed) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { *destroyed_ = std::this_thread::get_id(); }

 private:
  std::thread::id* destroyed_;
};

class RunOn : public testing::Test {
 protected:
  std::thread::id pools_thread() {
    return run_awaitable(run_on(
        pool_, [] { return std::this_thread::get_id(); }, std::thread::id()));
  }

  boost::asio::thread_pool pool_{1};
};

awaitable<std::thread::id> thread_after(boost::asio::thread_pool& pool) {
  co_await run_on(
      pool, [] { return 0; }, 0);
  co_return std::this_thread::get_id();
}

TEST_F(RunOn, WorksOnThePoolAndResumesOnTheCallersThread) {
  EXPECT_NE(pools_thread(), std::this_thread::get_id());
  EXPECT_EQ(run_awaitable(thread_after(pool_)), std::this_thread::get_id());
}

TEST_F(RunOn, DestroysTheWorkOnThePool) {
  std::thread::id destroyed;
  auto witness = std::make_unique<Witness>(destroyed);
  EXPECT_EQ(run_awaitable(run_on(
                pool_, [witness = std::move(witness)] { return 1; }, 0)),
            1);
  EXPECT_EQ(destroyed, pools_thread());
}

TEST_F(RunOn, TellsThatThereWasNoMemory) {
  const auto work = []() -> int { throw std::bad_alloc(); };
  EXPECT_EQ(run_awaitable(run_on(pool_, work, -1)), -1);
}

TEST_F(RunOn, LetsOthersOfTheThreadRunMeanwhile) {
  boost::asio::io_context context(1);
  boost::asio::thread_pool& pool = pool_;
  bool told = false;
  boost::asio::co_spawn(
      context,
      [&pool, &told, &context]() -> awaitable<void> {
        // Ends only when the caller's thread has run what was posted behind this.
        co_await run_on(
            pool,
            [&context] {
              std::promise<void> ran;
              boost::asio::post(context, [&ran] { ran.set_value(); });
              ran.get_future().wait();
              return 0;
            },
            0);
        told = true;
      },
      boost::asio::detached);
  context.run();
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace fuota::server::offload
