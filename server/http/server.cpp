#include "server/http/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "server/http/worker.hpp"

namespace fuota::server::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

/// The pause after an accept that failed for want of descriptors or memory: trying again at once
/// would fail again and burn the processor.
constexpr milliseconds kAcceptRetry{100};

/// How often it is looked for an idle connection when none was and a new one waits.
constexpr milliseconds kIdleRetry{100};

/// How often it is looked whether the threads have answered.
constexpr milliseconds kAnswerStep{1};

/// How often it is said that the limit of connections is reached.
constexpr std::chrono::seconds kFullReportPeriod{10};

class ThreadedServer final : public Server {
 public:
  ThreadedServer(ServerSettings settings, TlsContext tls, Handler& handler, Observer& observer)
      : settings_(std::move(settings)),
        tls_(std::move(tls)),
        observer_(observer),
        workers_(make_workers(handler)) {}

  error_code listen() {
    error_code error;
    acceptor_.open(settings_.listen.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    // Linux gives what is set here to each connection.
    if (!error) acceptor_.set_option(tcp::no_delay(true), error);
    if (!error) acceptor_.bind(settings_.listen, error);
    if (!error) acceptor_.listen(kListenBacklog, error);
    return error;
  }

  tcp::endpoint address() const override {
    error_code ignored;
    return acceptor_.local_endpoint(ignored);
  }

  awaitable<std::size_t> silent_threads(milliseconds patience) override {
    // Shared with the threads: one that answers late must find it.
    const auto answers = std::make_shared<std::atomic<std::size_t>>(0);
    for (const auto& worker : workers_) {
      asio::post(worker->context(), [answers] { answers->fetch_add(1); });
    }
    asio::steady_timer pause(co_await asio::this_coro::executor);
    const auto until = Clock::now() + patience;
    while (answers->load() < workers_.size() && Clock::now() < until) {
      pause.expires_after(kAnswerStep);
      co_await pause.async_wait(kAsTuple);
    }
    co_return workers_.size() - answers->load();
  }

  void run() override {
    begin_accepting();
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) {
      threads.emplace_back([worker = workers_[i].get()] { worker->run(); });
    }
    workers_.front()->run();
  }

  void stop(milliseconds grace) override {
    asio::post(accepting_context(), [this, grace] { begin_stop(grace); });
  }

 private:
  std::vector<std::unique_ptr<Worker>> make_workers(Handler& handler) {
    assert(settings_.threads > 0);
    std::vector<std::unique_ptr<Worker>> workers;
    for (std::size_t i = 0; i < settings_.threads; ++i) {
      workers.push_back(std::make_unique<Worker>(settings_.limits, tls_, pace_, handler, observer_,
                                                 [this] { on_connection_closed(); }));
    }
    return workers;
  }

  // All of the following runs on the first worker's thread, apart from on_connection_closed.

  asio::io_context& accepting_context() { return workers_.front()->context(); }

  /// Accepts connections until the server stops. What is thrown meanwhile, for want of memory in
  /// all likelihood, must not leave it deaf.
  void begin_accepting() {
    asio::co_spawn(accepting_context(), accept_loop(), [this](const std::exception_ptr& thrown) {
      if (!thrown || stopping_) return;
      timer_.expires_after(kAcceptRetry);
      timer_.async_wait([this](error_code) {
        if (!stopping_) begin_accepting();
      });
    });
  }

  awaitable<void> accept_loop() {
    while (!stopping_) {
      co_await wait_for_room();
      if (stopping_) co_return;
      Worker& worker = least_loaded();
      tcp::endpoint peer;
      auto [error, socket] = co_await acceptor_.async_accept(worker.context(), peer, kAsTuple);
      if (stopping_) co_return;
      if (error) {
        co_await pause_after(error);
        continue;
      }
      worker.serve(std::move(socket), peer);
    }
  }

  Worker& least_loaded() {
    const auto least = std::min_element(
        workers_.begin(), workers_.end(),
        [](const auto& a, const auto& b) { return a->connections() < b->connections(); });
    return **least;
  }

  std::size_t connections() const {
    std::size_t sum = 0;
    for (const auto& worker : workers_) sum += worker->connections();
    return sum;
  }

  bool full() const { return connections() >= settings_.limits.connections_max; }

  /// While there are as many connections as there may be: waits until a new one stands in the
  /// queue, and closes the longest idle one for it. Nothing is closed while nobody waits.
  awaitable<void> wait_for_room() {
    bool told = false;
    while (full() && !stopping_) {
      const auto [error] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, kAsTuple);
      if (stopping_) co_return;
      if (error) {
        co_await pause_after(error);
        continue;
      }
      if (!full()) co_return;
      if (!std::exchange(told, true)) observer_.on_connection(ConnectionEvent::waiting);
      report_full();
      const bool closing = co_await close_longest_idle();
      // One that is closing leaves room soon. When none is idle, one may be a little later.
      co_await wait_for_end(closing ? Clock::time_point::max() : Clock::now() + kIdleRetry);
    }
  }

  /// Closes the connection that has been idle for the longest time, of those of all workers. False
  /// when none is idle.
  awaitable<bool> close_longest_idle() {
    Worker* longest = nullptr;
    auto longest_since = Clock::time_point::max();
    for (const auto& worker : workers_) {
      // A worker that was told to finish doesn't answer.
      if (stopping_) co_return false;
      const auto since = co_await worker->longest_idle_since();
      if (!since || *since >= longest_since) continue;
      longest = worker.get();
      longest_since = *since;
    }
    if (stopping_ || longest == nullptr) co_return false;
    co_return co_await longest->close_longest_idle();
  }

  /// Waits until a connection has ended and left room, but no longer than `until`.
  awaitable<void> wait_for_end(Clock::time_point until) {
    awaiting_end_ = true;
    while (full() && !stopping_ && Clock::now() < until) {
      timer_.expires_at(until);
      co_await timer_.async_wait(kAsTuple);
    }
    awaiting_end_ = false;
  }

  /// Says that new connections wait, but not for each of them.
  void report_full() {
    const auto now = Clock::now();
    if (now < next_full_report_) return;
    next_full_report_ = now + kFullReportPeriod;
    observer_.on_event(Severity::warning, "the limit of " +
                                              std::to_string(settings_.limits.connections_max) +
                                              " connections is reached; new ones wait");
  }

  awaitable<void> pause_after(error_code error) {
    // A client that gave up while it was in the queue is no reason to pause.
    if (error == asio::error::connection_aborted) co_return;
    observer_.on_connection(ConnectionEvent::accept_failed);
    observer_.on_event(Severity::error, "a connection can't be accepted: " + error.message());
    timer_.expires_after(kAcceptRetry);
    co_await timer_.async_wait(kAsTuple);
  }

  /// Runs on the thread of the worker whose connection has ended.
  void on_connection_closed() {
    if (awaiting_end_.load()) {
      asio::post(accepting_context(), [this] { timer_.cancel(); });
    }
    if (ending_.load()) {
      asio::post(accepting_context(), [this] { finish_if_empty(); });
    }
  }

  void begin_stop(milliseconds grace) {
    if (!stopping_) {
      stopping_ = true;
      ending_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      timer_.cancel();
      for (const auto& worker : workers_) worker->drain();
    }
    grace_timer_.expires_after(grace);
    grace_timer_.async_wait([this](error_code error) {
      if (error) return;
      for (const auto& worker : workers_) worker->abort();
    });
    finish_if_empty();
  }

  void finish_if_empty() {
    if (connections() > 0) return;
    grace_timer_.cancel();
    for (const auto& worker : workers_) worker->finish();
  }

  ServerSettings settings_;
  TlsContext tls_;
  DownloadPace pace_{settings_.limits.file_bytes_per_second};
  Observer& observer_;
  std::vector<std::unique_ptr<Worker>> workers_;
  tcp::acceptor acceptor_{accepting_context()};
  asio::steady_timer timer_{accepting_context()};
  asio::steady_timer grace_timer_{accepting_context()};
  std::atomic<bool> awaiting_end_{false};
  std::atomic<bool> ending_{false};
  Clock::time_point next_full_report_{};
  bool stopping_ = false;
};

std::string bind_failure(const tcp::endpoint& address, error_code error) {
  const std::string host = address.address().to_string();
  const std::string port = std::to_string(address.port());
  if (error == asio::error::address_in_use) {
    return "port " + port + " of " + host +
           " is in use: stop the program that has it, or listen on another one";
  }
  return "can't listen on port " + port + " of " + host + ": " + error.message();
}

}  // namespace

boost::system::result<std::unique_ptr<Server>, std::string> Server::create(ServerSettings settings,
                                                                           TlsContext tls,
                                                                           Handler& handler,
                                                                           Observer& observer) {
  const tcp::endpoint address = settings.listen;
  auto server =
      std::make_unique<ThreadedServer>(std::move(settings), std::move(tls), handler, observer);
  if (const error_code error = server->listen()) return bind_failure(address, error);
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace fuota::server::http
