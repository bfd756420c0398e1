#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/http/server.hpp"
#include "tests/support/server/http_exchange.hpp"
#include "tests/support/server/temporary_directory.hpp"
#include "tests/support/server/tls_client.hpp"

namespace fuota::server::http {

/// Answers by the path alone:
///
///     /text      "hello"
///     /peer      the address that the request came from
///     /name      the name in the client's certificate
///     /file      a file of kFileBytes bytes
///     /pieces    "one,two,three" in three pieces
///     /broken    one piece, then a failure
///     /echo      the body that came
///     /ignore    "ignored", without a look at the body
///     /throw     an exception
class FakeHandler final : public Handler {
 public:
  [[nodiscard]] boost::asio::awaitable<Handled> handle(Request request) override;

  static constexpr std::size_t kFileBytes = 4 * 1024 * 1024;
  [[nodiscard]] static std::string file_content();

  /// How the last body that was read ended.
  [[nodiscard]] BodyStatus last_body_end() const { return last_body_end_.load(); }

 private:
  [[nodiscard]] boost::asio::awaitable<Response> respond(Request request);
  [[nodiscard]] boost::asio::awaitable<Response> echo(Request request);

  std::atomic<BodyStatus> last_body_end_{BodyStatus::end};
};

/// What an AccessRecord said, kept.
struct Recorded {
  std::string method;
  std::string target;
  unsigned status = 0;
  std::uint64_t body_bytes = 0;
  bool complete = false;
  std::string user;
  std::string route;
  std::uint64_t received_bytes = 0;
};

class FakeObserver final : public Observer {
 public:
  void on_connection(ConnectionEvent event) override;
  void on_handshake(HandshakeOutcome outcome, std::chrono::microseconds duration) override;
  void on_request(const AccessRecord& record) override;
  void on_turn_end() override;
  void on_event(Severity severity, std::string_view what) override;

  /// Waits until there are `count` records, and returns them.
  [[nodiscard]] std::vector<Recorded> records(std::size_t count);

  /// Waits until `event` has happened `count` times. False when it doesn't.
  [[nodiscard]] bool wait_for(ConnectionEvent event, int count);

  /// How often it has happened until now.
  [[nodiscard]] int count_of(ConnectionEvent event);

  /// Waits until there are `count` handshakes, and returns their outcomes.
  [[nodiscard]] std::vector<HandshakeOutcome> handshakes(std::size_t count);

  /// Waits until a turn has ended after `count` records. False when none does.
  [[nodiscard]] bool wait_for_turn_end(std::size_t count);

  /// Waits until an event contains `text`. False when none does.
  [[nodiscard]] bool wait_for_event(std::string_view text);

  /// Throws std::bad_alloc at the next event that contains `text`.
  void throw_at_event(std::string text);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ConnectionEvent, int> connection_events_;
  std::vector<HandshakeOutcome> handshakes_;
  std::vector<Recorded> records_;
  std::size_t recorded_at_turn_end_ = 0;
  std::string events_;
  std::string thrown_at_;
};

/// A real server on a free port of this process, with a FakeHandler behind it.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest();
  ~HttpServerTest() override;

  /// Starts it; called once, or again after `stop`.
  void start(Limits limits = {}, std::size_t threads = 1);

  /// Stops it and waits for its end; called for each `start` at most once by a test, else at the
  /// end.
  void stop(std::chrono::milliseconds grace);

  [[nodiscard]] test_support::ClientOptions client() const;

  /// One request with the fields given, on a connection of its own.
  [[nodiscard]] test_support::HttpResponse exchange(const std::string& request_line,
                                                    const std::string& fields = "",
                                                    const std::string& body = "") const;

  static std::string request(const std::string& request_line, const std::string& fields = "",
                             const std::string& body = "");

  test_support::TemporaryDirectory directory_;
  boost::asio::ip::address listen_ = boost::asio::ip::address_v4::loopback();
  TlsFiles tls_files_;             ///< What the server begins with.
  std::optional<TlsContext> tls_;  ///< After `start`.
  FakeHandler handler_;
  FakeObserver observer_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace fuota::server::http
