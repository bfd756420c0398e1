#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/handler.hpp"
#include "server/http/observer.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::app {

/// A body of a few bytes, as much of it in one piece as is asked for. Something may happen before
/// its end.
class WholeBody final : public http::RequestBody {
 public:
  explicit WholeBody(std::string bytes, std::function<void()> meanwhile = nullptr)
      : bytes_(std::move(bytes)), meanwhile_(std::move(meanwhile)) {}
  bool declared() const override { return !bytes_.empty(); }
  bool limit(std::uint64_t bytes_max) override { return bytes_.size() <= bytes_max; }
  boost::asio::awaitable<http::BodyRead> read(std::span<char> destination) override {
    if (bytes_.empty() && meanwhile_) std::exchange(meanwhile_, nullptr)();
    if (bytes_.empty()) co_return http::BodyRead{};
    const std::size_t bytes = bytes_.copy(destination.data(), destination.size());
    bytes_.erase(0, bytes);
    co_return http::BodyRead{http::BodyStatus::data, bytes};
  }

 private:
  std::string bytes_;
  std::function<void()> meanwhile_;
};

/// Keeps the words of the events that it is told.
class EventKeeper final : public http::Observer {
 public:
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}
  void on_request(const http::AccessRecord&) override {}
  void on_event(http::Severity, std::string_view what) override { events_.append(what); }
  [[nodiscard]] const std::string& events() const { return events_; }

 private:
  std::string events_;
};

/// A request as a test writes it.
struct Asked {
  std::string_view method = "GET";
  std::string_view path{};
  std::string body{};
  std::function<void()> meanwhile{};  ///< Happens before the end of the body.
  std::optional<std::string_view> query{};
  std::string_view accept{};
  std::string_view authorization{};
  std::string_view client_name{};
  std::string_view peer_address = "192.0.2.1";
};

/// What `handler` makes of `asked`, without a connection.
inline http::Handled call(http::Handler& handler, const Asked& asked) {
  WholeBody body(asked.body, asked.meanwhile);
  http::Request request;
  request.method = asked.method;
  request.path = asked.path;
  request.query = asked.query;
  request.accept = asked.accept;
  request.authorization = asked.authorization;
  request.client_name = asked.client_name;
  request.peer_address = asked.peer_address;
  request.body = &body;
  return test_support::run_awaitable(handler.handle(std::move(request)));
}

}  // namespace fuota::server::app
