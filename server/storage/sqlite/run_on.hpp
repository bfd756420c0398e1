#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

namespace fuota::server::storage {

/// Runs `work`, which may block and throws nothing, on a thread of `pool`, and resumes the caller
/// on its own executor with what `work` returned. `work` is destroyed on the pool's thread. The
/// pool outlives the call.
template <typename Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work>> run_on(
    boost::asio::thread_pool& pool, Work work) {
  namespace asio = boost::asio;
  using Outcome = std::invoke_result_t<Work>;
  const auto start = [&pool](auto handler, Work task) {
    // The caller's executor must know that something is still to come.
    auto executor = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
    asio::post(pool, [handler = std::move(handler), executor = std::move(executor),
                      task = std::move(task)]() mutable {
      Outcome outcome = task();
      asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
      start, asio::use_awaitable, std::move(work));
}

}  // namespace fuota::server::storage
