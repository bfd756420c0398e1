#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fuota::server::http {

/// One request that was answered, or whose client went away before. The texts come from the client
/// as they are: whoever prints them escapes them. They are valid during the call.
struct AccessRecord {
  std::string_view method;  ///< Empty when the request line could not be read.
  std::string_view target;  ///< Path and query.
  std::string_view route;   ///< The pattern that the path is of, such as "/devices/{}", or empty.
  unsigned status = 0;
  std::uint64_t body_bytes = 0;      ///< Bytes of the answer's body that were sent.
  std::uint64_t received_bytes = 0;  ///< Bytes of the request's body that were read for the answer.
  std::chrono::microseconds duration{0};
  std::string_view peer;  ///< Address and port.
  std::string_view user;  ///< Empty when nobody was recognised.
  bool complete = false;  ///< Whether the whole answer was sent.
};

enum class Severity { debug, warning, error };

/// What happens to connections, beside their requests.
enum class ConnectionEvent : std::uint8_t {
  opened,         ///< One was accepted, and its handshake begins.
  closed,         ///< One that was opened has ended.
  waiting,        ///< A new one waits, since there are Limits::connections_max of them.
  accept_failed,  ///< One could not be accepted, for want of descriptors or memory.
  file_begun,     ///< A file begins to be sent over one.
  file_ended,     ///< The file that was begun is through, or its client is gone.
};

enum class HandshakeOutcome : std::uint8_t {
  full,     ///< With the certificate and its key.
  resumed,  ///< With a ticket of an earlier one.
  failed,   ///< It broke off, or took too long. An event of severity `debug` says why.
};

/// Is told what happens. Called from all the server's threads at once; outlives the server; must
/// not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_connection(ConnectionEvent event) = 0;

  /// `duration` is from the accepted connection to the end of the handshake, the client's network
  /// included.
  virtual void on_handshake(HandshakeOutcome outcome, std::chrono::microseconds duration) = 0;

  virtual void on_request(const AccessRecord& record) = 0;

  /// Follows soon behind `on_request` on the same thread: when the requests that were ready
  /// together have been answered. What an observer has kept of them can be written in one piece.
  virtual void on_turn_end() {}

  virtual void on_event(Severity severity, std::string_view what) = 0;
};

}  // namespace fuota::server::http
