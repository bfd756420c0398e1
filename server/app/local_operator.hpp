#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "server/app/failure.hpp"
#include "server/domain/audit.hpp"
#include "server/storage/store.hpp"

/// What the commands have in common that change accounts and keys on the server's own machine, for
/// who may read and write its data directory.
namespace fuota::server::app {

/// Who runs this command, now: "local:<user of this machine>", from "local".
[[nodiscard]] domain::Change local_change();

/// Opens the data of a server that may be running: only rows are touched, each change in a
/// transaction of its own. Makes what is missing, so that the first account can be made before the
/// server has ever run. Outcomes: the store, or why it can't be opened.
[[nodiscard]] Result<std::unique_ptr<storage::Store>> open_beside_server(
    const std::filesystem::path& directory);

/// Runs one call of a store to its end on this thread.
template <typename T>
[[nodiscard]] T run_now(boost::asio::awaitable<T> call) {
  boost::asio::io_context context(1);
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(context, std::move(call), [&](std::exception_ptr thrown, T value) {
    failure = std::move(thrown);
    if (!failure) result.emplace(std::move(value));
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

/// Prints why a command has failed to standard error, and returns its status, 1.
[[nodiscard]] int fail(const StartFailure& failure);

/// Likewise for a call of the store; `missing` is said when it found nothing.
[[nodiscard]] int fail(const storage::Failure& failure, std::string_view missing);

}  // namespace fuota::server::app
