#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace simulator::net {

/// A connection, from the peer's side. All of it happens in virtual time; nothing blocks.
class PeerSide {
 public:
  /// Sends bytes, `after_us` from now but behind whatever was sent before.
  virtual void send(std::string_view bytes, std::int64_t after_us) = 0;
  /// Closes, behind whatever was sent before.
  virtual void close(std::int64_t after_us) = 0;
  /// Ends the connection with a reset; the chip may still read what arrived before.
  virtual void reset(std::int64_t after_us) = 0;

 protected:
  ~PeerSide() = default;
};

/// Somebody in the same process who answers one connection. It must not block.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Bytes that the chip sent, after TLS, in the order and the portions in which it sent them.
  virtual void on_data(PeerSide& connection, std::string_view bytes) = 0;
};

/// A fault at a position in what the peer sends.
struct StreamFault {
  enum class Kind { stall, reset, close, corrupt };
  std::size_t after_bytes = 0;  ///< sent on this connection; `corrupt` inverts the next byte
  Kind kind = Kind::reset;
  std::int64_t stall_us = 0;
};

/// How the way to a peer is, for one connection. To the times comes what the chip's radio sleeps
/// (Link::hears_at_us).
struct Conditions {
  enum class Connect {
    accepted,
    refused,
    unanswered,   ///< until the chip gives up
    tls_refused,  ///< the chip doesn't trust the certificate
    tls_broken,   ///< the handshake fails otherwise
  };
  Connect connect = Connect::accepted;
  std::int64_t connect_us = 40'000;          ///< TCP and TLS handshake; half of it if resumed
  bool resumes_sessions = true;              ///< TLS: the peer takes the tickets that it gave
  std::int64_t latency_us = 5'000;           ///< one way
  std::size_t segment_bytes = 1440;          ///< most that arrives at once
  std::uint64_t bytes_per_second = 500'000;  ///< 0: no limit
  std::vector<StreamFault> faults;           ///< sorted by position
};

/// An HTTP/1.x request as it arrived.
struct PeerRequest {
  std::string raw;  ///< everything, byte for byte
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first header of this name, whatever its case; empty when there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

struct PeerAnswer {
  std::string bytes;  ///< status line, headers and body
  bool close = true;
  std::int64_t think_us = 2'000;
};

/// A peer that speaks HTTP: collects whole requests and sends what the handler answers.
class HttpPeer final : public Peer {
 public:
  using Handler = std::function<PeerAnswer(const PeerRequest&)>;

  explicit HttpPeer(Handler handler);
  ~HttpPeer() override;
  void on_data(PeerSide& connection, std::string_view bytes) override;

 private:
  class Parser;
  Handler handler_;
  std::unique_ptr<Parser> parser_;
};

/// "HTTP/1.1 <status> …" with Content-Length and the given header lines (each ends in CRLF).
std::string http_response(int status, std::string_view header_lines, std::string_view body);

}  // namespace simulator::net
