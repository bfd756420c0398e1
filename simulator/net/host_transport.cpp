#include "simulator/net/host_transport.hpp"

#include <cerrno>
#include <chrono>
#include <utility>

#include "simulator/kernel/scheduler.hpp"

namespace simulator::net {

using kernel::Scheduler;

namespace {

constexpr std::int64_t kUsPerMs = 1000;

/// Does `operation` and lets the virtual clock pass as long as it took.
template <typename Operation>
auto timed(const Operation& operation) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const auto result = operation();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  Scheduler::current().advance(took.count());
  return result;
}

}  // namespace

HostTransport::HostTransport(HttpStack& stack, Endpoint actual)
    : stack_(stack), actual_(std::move(actual)) {}

bool HostTransport::aborted() const {
  return stack_.link_losses() != link_losses_ || stack_.link_status() == LinkStatus::down;
}

std::optional<Io> HostTransport::stopped_by_link(int timeout_ms) {
  Scheduler& scheduler = Scheduler::current();
  const std::int64_t until_us =
      timeout_ms < 0 ? INT64_MAX : scheduler.now_us() + timeout_ms * kUsPerMs;
  while (!aborted() && stack_.link_status() == LinkStatus::silent) {
    if (scheduler.now_us() >= until_us) return Io{Io::Status::timeout};
    stack_.wait(until_us, "esp_http_client");
  }
  if (!aborted()) return std::nullopt;
  errno_ = ECONNABORTED;
  return Io{Io::Status::failed};
}

ConnectOutcome HostTransport::connect(const ConnectRequest& request) {
  using Kind = ConnectOutcome::Kind;
  link_losses_ = stack_.link_losses();
  if (stack_.link_status() == LinkStatus::down) return {Kind::failed_at_once, EHOSTUNREACH};
  if (const auto stopped = stopped_by_link(request.timeout_ms)) {
    return stopped->status == Io::Status::timeout ? ConnectOutcome{Kind::timeout}
                                                  : ConnectOutcome{Kind::failed, ECONNABORTED};
  }
  const ConnectOutcome outcome = timed([&] { return connect_now(request); });
  if (outcome.kind == Kind::failed) errno_ = outcome.code;
  return outcome;
}

ConnectOutcome HostTransport::connect_now(const ConnectRequest& request) {
  ConnectOutcome outcome = socket_.connect(actual_, request.keep_alive, request.timeout_ms);
  if (outcome.kind != ConnectOutcome::Kind::connected || !request.tls) return outcome;
  outcome = start_tls(request);
  if (outcome.kind != ConnectOutcome::Kind::connected) close();
  return outcome;
}

ConnectOutcome HostTransport::start_tls(const ConnectRequest& request) {
  const HttpBehaviour& behaviour = stack_.behaviour();
  tls_.emplace(socket_);
  if (const auto problem = tls_->set_up(request.endpoint.host, *request.tls)) return *problem;
  if (!request.tls_memory->take_buffers()) return no_memory_for_buffers(behaviour);
  if (!request.tls_memory->take_handshake()) return no_memory_for_handshake(behaviour);
  return tls_->handshake(request.timeout_ms, request.session);
}

Io HostTransport::read(char* buffer, std::size_t size, int timeout_ms) {
  if (const auto stopped = stopped_by_link(timeout_ms)) return *stopped;
  const Io io = timed([&]() -> Io {
    if (tls_) return tls_->read(buffer, size, timeout_ms);
    const HostSocket::Ready ready = socket_.await_readable(timeout_ms);
    if (ready == HostSocket::Ready::timeout) return {Io::Status::timeout};
    const long count = socket_.receive(buffer, size);
    if (count > 0) return {Io::Status::done, static_cast<std::size_t>(count)};
    return {count == 0 ? Io::Status::closed : Io::Status::failed};
  });
  if (io.status == Io::Status::failed) errno_ = socket_.error();
  if (io.status == Io::Status::closed) errno_ = ENOTCONN;
  return io;
}

Io HostTransport::write(const char* data, std::size_t size, int timeout_ms) {
  if (const auto stopped = stopped_by_link(timeout_ms)) return *stopped;
  const Io io = timed([&]() -> Io {
    if (tls_) return tls_->write(data, size, timeout_ms);
    const HostSocket::Ready ready = socket_.await_writable(timeout_ms);
    if (ready == HostSocket::Ready::timeout) return {Io::Status::timeout};
    const long count = socket_.send(data, size);
    if (count > 0) return {Io::Status::done, static_cast<std::size_t>(count)};
    return {Io::Status::failed};
  });
  if (io.status == Io::Status::failed) errno_ = socket_.error();
  return io;
}

void HostTransport::close() {
  tls_.reset();
  socket_.close();
}

std::unique_ptr<SavedSession> HostTransport::save_session() {
  return tls_ ? tls_->save() : nullptr;
}

int HostTransport::take_errno() {
  return std::exchange(errno_, 0);
}

}  // namespace simulator::net
