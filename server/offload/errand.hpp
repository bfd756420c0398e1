#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "server/offload/operation_room.hpp"

namespace fuota::server::offload {

/// Runs `function` on a thread of `executor`'s context, an io_context or a thread_pool, later.
/// Takes no memory but that of `room`.
template <typename Executor, typename Function>
void post_in(OperationRoom& room, const Executor& executor, Function function) noexcept {
  namespace execution = boost::asio::execution;
  boost::asio::require(executor, execution::blocking.never, execution::allocator(room.allocator()))
      .execute(std::move(function));
}

/// What another thread does for a coroutine that waits meanwhile. All the memory that the way there
/// and back takes is had when it is made, before the coroutine is suspended: Asio has no way to
/// wake one, or even to give it up, for which there is no memory left.
///
/// The coroutine's executor is an io_context's.
template <typename Outcome>
class Errand {
 public:
  using Handler = typename boost::asio::async_result<boost::asio::use_awaitable_t<>,
                                                     void(Outcome)>::handler_type;

  /// `lack` is the outcome when there is no memory for the work.
  explicit Errand(Outcome lack) noexcept : lack_(std::move(lack)) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  virtual ~Errand() = default;

  /// Takes over the coroutine that waits. Called once, before `run`.
  void begin(Handler handler) noexcept {
    const auto executor = handler.get_executor();
    const auto* const context = executor.template target<boost::asio::io_context::executor_type>();
    assert(context != nullptr);
    // It must know that something is still to come.
    executor_.emplace(
        boost::asio::require(*context, boost::asio::execution::outstanding_work.tracked));
    handler_.emplace(std::move(handler));
  }

  /// Does the work. Called once.
  [[nodiscard]] Outcome run() noexcept {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      return std::move(lack_);
    }
  }

  /// Resumes the coroutine on its own executor.
  static void finish(std::unique_ptr<Errand> errand, Outcome outcome) noexcept {
    errand->forget();
    errand->outcome_.emplace(std::move(outcome));
    OperationRoom& room = errand->room_;
    const Executor executor = *errand->executor_;
    post_in(room, executor, [errand = std::move(errand)]() mutable {
      Handler handler = std::move(*errand->handler_);
      Outcome told = std::move(*errand->outcome_);
      errand.reset();
      std::move(handler)(std::move(told));
    });
  }

  /// For the way there, which is over when `finish` is called.
  [[nodiscard]] OperationRoom& room() noexcept { return room_; }

 private:
  using Executor = std::decay_t<decltype(boost::asio::require(
      std::declval<const boost::asio::io_context::executor_type&>(),
      boost::asio::execution::outstanding_work.tracked))>;

  virtual Outcome work() = 0;
  /// Destroys what the work was about.
  virtual void forget() noexcept = 0;

  Outcome lack_;
  std::optional<Executor> executor_;
  std::optional<Handler> handler_;
  std::optional<Outcome> outcome_;
  OperationRoom room_;
};

/// An errand that runs a function, which throws at most std::bad_alloc.
template <typename Work>
class ErrandOf final : public Errand<std::invoke_result_t<Work&>> {
 public:
  using Outcome = std::invoke_result_t<Work&>;

  ErrandOf(Work work, Outcome lack) : Errand<Outcome>(std::move(lack)), work_(std::move(work)) {}

 private:
  Outcome work() override { return (*work_)(); }
  void forget() noexcept override { work_.reset(); }

  std::optional<Work> work_;
};

}  // namespace fuota::server::offload
