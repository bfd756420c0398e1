#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <utility>

#include "server/offload/errand.hpp"

namespace fuota::server::offload {

/// Runs `work`, which may block and throws at most std::bad_alloc, on a thread of `pool`, and
/// resumes the caller on its own executor, which is an io_context's, with what `work` returned, or
/// with `lack` when there was no memory for it. `work` is destroyed on the pool's thread. The pool
/// outlives the call. Throws std::bad_alloc, and then nothing was begun.
template <typename Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>> run_on(
    boost::asio::thread_pool& pool, Work work, std::invoke_result_t<Work&> lack) {
  namespace asio = boost::asio;
  using Outcome = std::invoke_result_t<Work&>;
  std::unique_ptr<Errand<Outcome>> errand =
      std::make_unique<ErrandOf<Work>>(std::move(work), std::move(lack));
  const auto start = [&pool](auto handler, std::unique_ptr<Errand<Outcome>> begun) {
    begun->begin(std::move(handler));
    OperationRoom& room = begun->room();
    post_in(room, pool.get_executor(), [begun = std::move(begun)]() mutable {
      Outcome outcome = begun->run();
      Errand<Outcome>::finish(std::move(begun), std::move(outcome));
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
      start, asio::use_awaitable, std::move(errand));
}

}  // namespace fuota::server::offload
