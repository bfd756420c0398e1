#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http/observer.hpp"

namespace spdlog {
class logger;
}

namespace fuota::server::app {

/// The server's log: lines on standard error, each with the time and its severity. Any thread.
class Log final : public http::Observer {
 public:
  /// `verbose` logs what is of interest only when looking for a fault.
  explicit Log(bool verbose);
  ~Log() override;

  void info(std::string_view line);

  /// Connections and handshakes are counted, not logged: a failed handshake is an event too.
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}

  /// One line per request: method, path, status, bytes of body, duration, peer, user. What comes
  /// from the client is escaped; credentials are no part of it.
  void on_request(const http::AccessRecord& record) override;

  void on_event(http::Severity severity, std::string_view what) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

/// `text` for one field of a log line: bytes that are not printable ASCII, blanks, quotes and
/// backslashes as \xNN; cut at kLoggedBytesMax with "..."; "-" when empty.
[[nodiscard]] std::string escape_for_log(std::string_view text);

constexpr std::size_t kLoggedBytesMax = 512;

}  // namespace fuota::server::app
