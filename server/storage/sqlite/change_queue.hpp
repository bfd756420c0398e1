#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

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

  /// Runs `work`, which makes one change on `writer` and throws nothing, and resumes the caller on
  /// its own executor with what became of it. `work` is destroyed on the queue's thread.
  template <typename Work>
  [[nodiscard]] boost::asio::awaitable<Result<void>> submit(Work work) {
    namespace asio = boost::asio;
    const auto start = [this](auto handler, Work task) {
      using Handler = decltype(handler);
      push(std::make_unique<PendingOf<Work, Handler>>(std::move(task), std::move(handler)));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
        start, asio::use_awaitable, std::move(work));
  }

 private:
  class Pending {
   public:
    virtual ~Pending() = default;
    virtual Result<void> run() = 0;
    virtual void complete(Result<void> outcome) = 0;
  };

  template <typename Work, typename Handler>
  class PendingOf final : public Pending {
   public:
    PendingOf(Work work, Handler handler)
        : work_(std::move(work)),
          handler_(std::move(handler)),
          // The caller's executor must know that something is still to come.
          executor_(boost::asio::prefer(boost::asio::get_associated_executor(handler_),
                                        boost::asio::execution::outstanding_work.tracked)) {}

    Result<void> run() override { return work_(); }

    void complete(Result<void> outcome) override {
      boost::asio::post(executor_,
                        [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
                          std::move(handler)(std::move(outcome));
                        });
    }

   private:
    using Executor = std::decay_t<decltype(boost::asio::prefer(
        boost::asio::get_associated_executor(std::declval<Handler&>()),
        boost::asio::execution::outstanding_work.tracked))>;

    Work work_;
    Handler handler_;
    Executor executor_;
  };

  using Batch = std::vector<std::unique_ptr<Pending>>;

  void push(std::unique_ptr<Pending> change);
  [[nodiscard]] Batch take();
  void run_batch();

  boost::asio::thread_pool& thread_;
  WriteConnection& writer_;
  std::mutex mutex_;
  Batch waiting_;
  bool scheduled_ = false;
};

}  // namespace fuota::server::storage
