#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace test_support {

/// Keeps what `work` returns in `result`.
template <typename T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> work, std::optional<T>* result) {
  result->emplace(co_await std::move(work));
}

/// Runs one awaitable call to its end on this thread, and returns what it returned.
template <typename T>
T run_awaitable(boost::asio::awaitable<T> work) {
  boost::asio::io_context context(1);
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(context, keep_result(std::move(work), &result),
                        [&failure](std::exception_ptr thrown) { failure = thrown; });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace test_support
