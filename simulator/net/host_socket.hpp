#pragma once

#include <cstddef>

#include "simulator/net/transport.hpp"

namespace simulator::net {

/// A TCP socket of the host, non-blocking underneath, with deadlines. It takes real time and knows
/// nothing of the virtual one.
class HostSocket {
 public:
  HostSocket() = default;
  ~HostSocket() { close(); }
  HostSocket(const HostSocket&) = delete;
  HostSocket& operator=(const HostSocket&) = delete;

  /// Resolves and tries the first address only, as esp-tls does.
  ConnectOutcome connect(const Endpoint& endpoint, const TcpKeepAlive& keep_alive, int timeout_ms);
  void close();

  enum class Ready { yes, timeout, failed };
  /// Negative: without end.
  Ready await_readable(int timeout_ms);
  Ready await_writable(int timeout_ms);

  /// Of read() and write(): bytes, 0 at the end of the stream, -1 and `error`.
  long receive(void* buffer, std::size_t size);
  long send(const void* data, std::size_t size);

  /// errno of the last failure.
  [[nodiscard]] int error() const { return error_; }

 private:
  Ready await(short events, int timeout_ms);
  ConnectOutcome fail(ConnectOutcome::Kind kind, int error);

  int fd_ = -1;
  int error_ = 0;
};

}  // namespace simulator::net
