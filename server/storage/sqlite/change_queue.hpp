#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/slist.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "server/offload/errand.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/sqlite/write_connection.hpp"

namespace fuota::server::storage {

/// Changes that share one transaction, and with it the syncs that make it durable, at most.
constexpr std::size_t kChangesPerTransactionMax = 256;

/// Makes changes in the order in which they come, on one thread. Those that come while it is busy
/// share the next transaction; each is made wholly or not at all, and is answered when it is
/// durable.
class ChangeQueue {
 public:
  /// `thread` has one thread, on which alone `writer` is used; both outlive this object and its
  /// calls.
  ChangeQueue(boost::asio::thread_pool& thread, WriteConnection& writer)
      : thread_(thread), writer_(writer) {}
  ChangeQueue(const ChangeQueue&) = delete;
  ChangeQueue& operator=(const ChangeQueue&) = delete;
  ~ChangeQueue();

  /// Runs `work`, which makes one change on `writer` and throws at most std::bad_alloc, and resumes
  /// the caller on its own executor, which is an io_context's, with what became of it. `work` is
  /// destroyed on the queue's thread. Throws std::bad_alloc, and then nothing was begun.
  template <typename Work>
  [[nodiscard]] boost::asio::awaitable<Result<void>> submit(Work work) {
    namespace asio = boost::asio;
    auto change = std::make_unique<Pending>(
        std::make_unique<offload::ErrandOf<Work>>(std::move(work), out_of_memory()));
    const auto start = [this](auto handler, std::unique_ptr<Pending> begun) {
      begun->errand->begin(std::move(handler));
      push(std::move(begun));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
        start, asio::use_awaitable, std::move(change));
  }

 private:
  /// In a list of its own links, which takes no memory.
  struct Pending : boost::intrusive::slist_base_hook<> {
    explicit Pending(std::unique_ptr<offload::Errand<Result<void>>> work)
        : errand(std::move(work)) {}

    std::unique_ptr<offload::Errand<Result<void>>> errand;
    Result<void> outcome;
  };
  using Batch = boost::intrusive::slist<Pending, boost::intrusive::cache_last<true>>;

  void push(std::unique_ptr<Pending> change) noexcept;
  void schedule() noexcept;
  [[nodiscard]] Batch take() noexcept;
  void run_batch() noexcept;

  boost::asio::thread_pool& thread_;
  WriteConnection& writer_;
  std::mutex mutex_;
  Batch waiting_;
  bool scheduled_ = false;
  offload::OperationRoom room_;  ///< For run_batch, which is scheduled once at a time.
};

}  // namespace fuota::server::storage
