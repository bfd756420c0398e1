#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "server/http/limits.hpp"
#include "server/http/receive_buffer.hpp"
#include "server/http/request.hpp"
#include "server/http/request_parser.hpp"
#include "server/http/tls_stream.hpp"

namespace fuota::server::http {

/// The body of the request that a connection is answering: takes it from the stream as it is read,
/// through the connection's buffer. All that it is given outlives it.
class IncomingBody final : public RequestBody {
 public:
  IncomingBody(TlsStream& stream, ReceiveBuffer& buffer, RequestParser& parser,
               const Limits& limits);

  [[nodiscard]] bool declared() const override;
  [[nodiscard]] bool limit(std::uint64_t bytes_max) override;
  [[nodiscard]] boost::asio::awaitable<BodyRead> read(std::span<char> destination) override;

  /// How it failed, if it did.
  [[nodiscard]] std::optional<BodyStatus> failure() const { return failure_; }

  /// How much of it was read.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

  /// Whether the client has sent, or may be sending, bytes of it that nobody has read.
  [[nodiscard]] bool unread() const { return !parser_.body_complete(); }

  /// Whether what is unread is little enough, and sure enough to come, to be thrown away so that
  /// the connection can go on.
  [[nodiscard]] bool discardable() const;

  /// Reads the rest and throws it away. False when that fails.
  [[nodiscard]] boost::asio::awaitable<bool> discard();

 private:
  [[nodiscard]] BodyRead fail(BodyStatus status);
  [[nodiscard]] boost::asio::awaitable<bool> receive();
  void count(std::size_t bytes);

  TlsStream& stream_;
  ReceiveBuffer& buffer_;
  RequestParser& parser_;
  const Limits& limits_;
  bool begun_ = false;
  std::optional<BodyStatus> failure_;
  std::uint64_t left_;  ///< Bytes still to come, when Content-Length tells.
  std::uint64_t bytes_read_ = 0;
  TlsStream::TimePoint deadline_;
  std::size_t until_progress_ = kProgressBytes;
};

}  // namespace fuota::server::http
