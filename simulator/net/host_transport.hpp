#pragma once

#include <memory>
#include <optional>

#include "simulator/net/host_socket.hpp"
#include "simulator/net/http_stack.hpp"
#include "simulator/net/tls_session.hpp"

namespace simulator::net {

/// A connection over the host's sockets, plain or TLS. A call takes real time, in which nothing
/// else of the chip runs; afterwards the virtual clock advances by what it took.
class HostTransport final : public Transport {
 public:
  /// Connects to `actual`, wherever the request says; certificates are verified for the latter.
  HostTransport(HttpStack& stack, Endpoint actual);

  ConnectOutcome connect(const ConnectRequest& request) override;
  Io read(char* buffer, std::size_t size, int timeout_ms) override;
  Io write(const char* data, std::size_t size, int timeout_ms) override;
  void close() override;
  std::unique_ptr<SavedSession> save_session() override;
  int take_errno() override;

 private:
  ConnectOutcome connect_now(const ConnectRequest& request);
  ConnectOutcome start_tls(const ConnectRequest& request);
  /// What the link makes of an operation before it reaches a socket, if anything.
  std::optional<Io> stopped_by_link(int timeout_ms);
  [[nodiscard]] bool aborted() const;

  HttpStack& stack_;
  const Endpoint actual_;
  HostSocket socket_;
  std::optional<TlsSession> tls_;
  unsigned link_losses_ = 0;
  int errno_ = 0;
};

}  // namespace simulator::net
