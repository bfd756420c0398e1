#include "server/http/worker.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <string>

namespace fuota::server::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr milliseconds kSweepPeriodMin{5};
constexpr milliseconds kSweepPeriodMax{1000};
constexpr int kSweepsPerDeadline = 8;

/// Coroutines that are kept for the next client while there is none. One that is taken again costs
/// less than a new one, and all together cost as much memory as one TLS connection.
constexpr std::size_t kParkedMax = 16;

milliseconds sweep_period(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.handshake_deadline, limits.header_deadline, limits.idle_deadline,
                limits.body_deadline, limits.write_deadline, limits.linger_deadline});
  return std::clamp(shortest / kSweepsPerDeadline, kSweepPeriodMin, kSweepPeriodMax);
}

}  // namespace

Worker::Worker(const Limits& limits, const TlsContext& tls, DownloadPace& pace, Handler& handler,
               Observer& observer, std::function<void()> on_close)
    : guard_(asio::make_work_guard(context_)),
      sweep_(context_, sweep_period(limits)),
      turn_(context_, observer),
      scope_{limits, tls, handler, observer, turn_, sweep_, {limits, pace, date_}},
      on_close_(std::move(on_close)) {
  parked_.reserve(kParkedMax);
}

void Worker::serve(tcp::socket socket, tcp::endpoint peer) {
  open_.fetch_add(1);
  try {
    asio::dispatch(context_, [this, socket = std::move(socket), peer]() mutable {
      start(std::move(socket), peer);
    });
  } catch (const std::exception&) {  // No memory: the socket is closed.
    open_.fetch_sub(1);
    throw;
  }
}

void Worker::start(tcp::socket socket, tcp::endpoint peer) {
  std::unique_ptr<Connection> connection;
  try {
    connection = std::make_unique<Connection>(std::move(socket), peer, scope_);
  } catch (const std::exception& exception) {
    give_up(exception);
    open_.fetch_sub(1);
    on_close_();
    return;
  }
  connections_.push_back(*connection);
  if (draining_) connection->drain();
  scope_.observer.on_connection(ConnectionEvent::opened);
  await_client(std::move(connection));
}

// What is thrown here, for want of memory in all likelihood, takes one connection along, which dies
// with its handler, and not the thread.

void Worker::await_client(std::unique_ptr<Connection> connection) {
  try {
    Connection& waiting = *connection;
    waiting.async_wait([this, connection = std::move(connection)](StreamStatus waited) mutable {
      serve_client({std::move(connection), waited});
    });
  } catch (const std::exception& exception) {
    give_up(exception);
    count_end();
  }
}

void Worker::serve_client(Arrival arrival) {
  if (!parked_.empty()) {
    Parked parked = std::move(parked_.back());
    parked_.pop_back();
    std::move(parked)(std::move(arrival));
    return;
  }
  try {
    asio::co_spawn(context_, serve_clients(std::move(arrival)), asio::detached);
  } catch (const std::exception& exception) {
    give_up(exception);
    count_end();
  }
}

/// Serves the client that has come, and others after it.
awaitable<void> Worker::serve_clients(Arrival arrival) {
  for (;;) {
    try {
      arrival.connection =
          co_await Connection::serve(std::move(arrival.connection), arrival.waited);
    } catch (const std::exception& exception) {
      give_up(exception);
    }
    if (arrival.connection) {
      await_client(std::move(arrival.connection));
    } else {
      count_end();
    }
    if (parked_.size() == kParkedMax) co_return;
    arrival = co_await park();
  }
}

/// Waits for the next client that there is no other coroutine for. Ends with the worker.
awaitable<Worker::Arrival> Worker::park() {
  // There is room: what is thrown where a coroutine is suspended would end the thread.
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Arrival)>(
      [this](Parked parked) { parked_.push_back(std::move(parked)); }, asio::use_awaitable);
}

void Worker::give_up(const std::exception& exception) noexcept {
  try {
    scope_.observer.on_event(Severity::error,
                             std::string("a connection can't be served: ") + exception.what());
  } catch (const std::exception&) {  // Nor is there memory to say so, and nobody above to catch it.
  }
}

void Worker::count_end() {
  scope_.observer.on_connection(ConnectionEvent::closed);
  open_.fetch_sub(1);
  on_close_();
}

void Worker::run() {
  context_.run();
}

/// The connection that has been idle for the longest time; null when none is idle.
Connection* Worker::longest_idle() {
  Connection* longest = nullptr;
  for (Connection& connection : connections_) {
    if (!connection.idle()) continue;
    if (longest == nullptr || connection.idle_since() < longest->idle_since()) {
      longest = &connection;
    }
  }
  return longest;
}

awaitable<std::optional<TlsStream::TimePoint>> Worker::longest_idle_since() {
  using Since = std::optional<TlsStream::TimePoint>;
  const auto ask = [this]() -> awaitable<Since> {
    const Connection* const longest = longest_idle();
    co_return longest == nullptr ? Since() : longest->idle_since();
  };
  co_return co_await asio::co_spawn(context_, ask, asio::use_awaitable);
}

awaitable<bool> Worker::close_longest_idle() {
  const auto close = [this]() -> awaitable<bool> {
    Connection* const longest = longest_idle();
    if (longest == nullptr) co_return false;
    longest->close_if_idle();
    co_return true;
  };
  co_return co_await asio::co_spawn(context_, close, asio::use_awaitable);
}

void Worker::drain() {
  asio::post(context_, [this] {
    draining_ = true;
    for (Connection& connection : connections_) connection.drain();
  });
}

void Worker::abort() {
  asio::post(context_, [this] {
    for (Connection& connection : connections_) connection.abort();
  });
}

void Worker::finish() {
  asio::post(context_, [this] {
    guard_.reset();
    parked_.clear();
    sweep_.stop();
  });
}

}  // namespace fuota::server::http
