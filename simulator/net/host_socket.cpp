#include "simulator/net/host_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace simulator::net {

namespace {

using Clock = std::chrono::steady_clock;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};

using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const Endpoint& endpoint, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* addresses = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &addresses) != 0) return nullptr;
  return Addresses(addresses);
}

/// IPv4 if there is such an address, as lwIP prefers it.
Addresses resolve(const Endpoint& endpoint) {
  Addresses ipv4 = resolve(endpoint, AF_INET);
  return ipv4 != nullptr ? std::move(ipv4) : resolve(endpoint, AF_INET6);
}

void set_keep_alive(int fd, const TcpKeepAlive& keep_alive) {
  if (!keep_alive.enabled) return;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keep_alive.idle_s, sizeof keep_alive.idle_s);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &keep_alive.interval_s, sizeof keep_alive.interval_s);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &keep_alive.count, sizeof keep_alive.count);
}

}  // namespace

ConnectOutcome HostSocket::fail(ConnectOutcome::Kind kind, int error) {
  close();
  error_ = error;
  return {kind, error};
}

ConnectOutcome HostSocket::connect(const Endpoint& endpoint, const TcpKeepAlive& keep_alive,
                                   int timeout_ms) {
  using Kind = ConnectOutcome::Kind;
  close();
  const auto address = resolve(endpoint);
  if (address == nullptr) return fail(Kind::unresolved, 0);
  fd_ = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(Kind::failed_at_once, errno);
  set_keep_alive(fd_, keep_alive);
  const int no_delay = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  if (::connect(fd_, address->ai_addr, address->ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return fail(Kind::failed_at_once, errno);
  if (await_writable(timeout_ms) != Ready::yes) return fail(Kind::timeout, 0);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(Kind::failed, error);
  return {};
}

void HostSocket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

HostSocket::Ready HostSocket::await(short events, int timeout_ms) {
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  pollfd entry{fd_, events, 0};
  int remaining_ms = timeout_ms;
  while (true) {
    const int count = poll(&entry, 1, remaining_ms);
    if (count > 0) return Ready::yes;
    if (count == 0) return Ready::timeout;
    if (errno != EINTR) {
      error_ = errno;
      return Ready::failed;
    }
    if (timeout_ms < 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    remaining_ms = left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }
}

HostSocket::Ready HostSocket::await_readable(int timeout_ms) {
  return await(POLLIN, timeout_ms);
}

HostSocket::Ready HostSocket::await_writable(int timeout_ms) {
  return await(POLLOUT, timeout_ms);
}

long HostSocket::receive(void* buffer, std::size_t size) {
  const long count = recv(fd_, buffer, size, 0);
  if (count < 0) error_ = errno;
  return count;
}

long HostSocket::send(const void* data, std::size_t size) {
  const long count = ::send(fd_, data, size, MSG_NOSIGNAL);
  if (count < 0) error_ = errno;
  return count;
}

}  // namespace simulator::net
