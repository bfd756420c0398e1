#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/http/connection.hpp"
#include "server/http/deadline_sweep.hpp"

namespace fuota::server::http {

/// One thread's share of the server: an event loop of its own and the connections that live on it
/// from accept to end, so that no connection ever needs a lock.
class Worker {
 public:
  /// All references outlive the worker. `on_close` is called on the worker's thread whenever a
  /// connection has ended.
  Worker(const Limits& limits, const TlsContext& tls, DownloadPace& pace, Handler& handler,
         Observer& observer, std::function<void()> on_close);

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  /// Connections that were given to this worker and haven't ended. Any thread.
  [[nodiscard]] std::size_t connections() const { return open_.load(); }

  /// Serves a connection whose socket is of this worker's context. Any thread.
  void serve(boost::asio::ip::tcp::socket socket, boost::asio::ip::tcp::endpoint peer);

  /// Runs the loop until `finish` was called and the last connection has ended.
  void run();

  /// Since when its longest idle connection has been idle; nothing when none is. Called on any
  /// thread before `finish`; resumes on the caller's executor.
  [[nodiscard]] boost::asio::awaitable<std::optional<TlsStream::TimePoint>> longest_idle_since();

  /// Closes the connection that has been idle for the longest time. False when none is idle.
  /// Called as `longest_idle_since`.
  [[nodiscard]] boost::asio::awaitable<bool> close_longest_idle();

  /// Lets every request that is being answered end, and closes what is idle. Any thread.
  void drain();

  /// Breaks off every connection. Any thread.
  void abort();

  /// Lets `run` return when the last connection has ended. Any thread.
  void finish();

 private:
  /// A connection whose wait for its client has ended, and how.
  struct Arrival {
    std::unique_ptr<Connection> connection;
    StreamStatus waited;
  };

  /// What lets a coroutine that is parked go on.
  using Parked =
      boost::asio::async_result<boost::asio::use_awaitable_t<>, void(Arrival)>::handler_type;

  [[nodiscard]] Connection* longest_idle();
  void start(boost::asio::ip::tcp::socket socket, boost::asio::ip::tcp::endpoint peer);
  void await_client(std::unique_ptr<Connection> connection);
  void serve_client(Arrival arrival);
  [[nodiscard]] boost::asio::awaitable<void> serve_clients(Arrival arrival);
  [[nodiscard]] boost::asio::awaitable<Arrival> park();
  void give_up(const std::exception& exception) noexcept;
  void count_end();

  using Connections =
      boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;
  DeadlineSweep sweep_;
  HttpDate date_;
  Turn turn_;
  ConnectionScope scope_;
  std::function<void()> on_close_;
  std::atomic<std::size_t> open_{0};
  Connections connections_;
  std::vector<Parked> parked_;
  bool draining_ = false;
};

}  // namespace fuota::server::http
