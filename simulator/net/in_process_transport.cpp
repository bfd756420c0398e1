#include "simulator/net/in_process_transport.hpp"

#include <arpa/inet.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "simulator/kernel/scheduler.hpp"
#include "simulator/net/trust_store.hpp"

namespace simulator::net {

using kernel::Scheduler;

namespace {

constexpr std::int64_t kUsPerMs = 1000;
constexpr std::int64_t kUsPerSecond = 1'000'000;

std::int64_t deadline(int timeout_ms) {
  return timeout_ms < 0 ? INT64_MAX : Scheduler::current().now_us() + timeout_ms * kUsPerMs;
}

/// The server knows it again; no other does.
class InProcessSession final : public SavedSession {
 public:
  explicit InProcessSession(Endpoint from) : endpoint(std::move(from)) {}
  const Endpoint endpoint;
};

bool is_address(const std::string& host) {
  in_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

}  // namespace

InProcessTransport::InProcessTransport(HttpStack& stack) : stack_(stack) {}

bool InProcessTransport::await_link(std::int64_t until_us) {
  while (stack_.link_status() == LinkStatus::silent) {
    if (Scheduler::current().now_us() >= until_us) return false;
    stack_.wait(until_us, "esp_http_client_open");
  }
  return stack_.link_status() == LinkStatus::up;
}

void InProcessTransport::sleep_until(std::int64_t until_us) {
  while (Scheduler::current().now_us() < until_us) stack_.wait(until_us, "esp_http_client_open");
}

void InProcessTransport::await_answer(std::int64_t duration_us) {
  sleep_until(stack_.link().hears_at_us(Scheduler::current().now_us() + duration_us));
}

ConnectOutcome InProcessTransport::connect(const ConnectRequest& request) {
  const ConnectOutcome outcome = outcome_of(request);
  if (outcome.kind == ConnectOutcome::Kind::failed) errno_ = outcome.code;
  return outcome;
}

ConnectOutcome InProcessTransport::outcome_of(const ConnectRequest& request) {
  using Kind = ConnectOutcome::Kind;
  const Endpoint& endpoint = request.endpoint;
  const std::int64_t until_us = deadline(request.timeout_ms);
  const bool address = is_address(endpoint.host);
  if (stack_.link_status() == LinkStatus::down) {
    return {address ? Kind::failed_at_once : Kind::unresolved, EHOSTUNREACH};
  }
  if (!await_link(until_us)) return {address ? Kind::timeout : Kind::unresolved};
  if (!stack_.network().has_peer(endpoint)) {
    if (!address && !stack_.network().knows_host(endpoint.host)) return {Kind::unresolved};
    if (stack_.network().knows_host(endpoint.host)) {
      await_answer(Conditions{}.latency_us * 2);
      return {Kind::failed, ECONNREFUSED};
    }
    sleep_until(until_us);
    return {Kind::timeout};
  }
  accept(endpoint);
  switch (conditions_.connect) {
    case Conditions::Connect::unanswered:
      sleep_until(until_us);
      return {Kind::timeout};
    case Conditions::Connect::refused:
      await_answer(conditions_.latency_us * 2);
      return {Kind::failed, ECONNREFUSED};
    case Conditions::Connect::tls_refused:
    case Conditions::Connect::tls_broken:
    case Conditions::Connect::accepted:
      break;
  }
  if (request.tls) {
    if (const auto problem = TrustStore::check(*request.tls)) return *problem;
    if (!request.tls_memory->take_buffers()) return no_memory_for_buffers(stack_.behaviour());
  }
  await_answer(resumes(request) ? conditions_.connect_us / 2 : conditions_.connect_us);
  if (aborted()) return {Kind::failed, ECONNABORTED};
  return request.tls ? shake_hands(request) : ConnectOutcome{Kind::connected};
}

ConnectOutcome InProcessTransport::shake_hands(const ConnectRequest& request) const {
  using Kind = ConnectOutcome::Kind;
  if (!request.tls_memory->take_handshake()) return no_memory_for_handshake(stack_.behaviour());
  if (conditions_.connect == Conditions::Connect::tls_broken) {
    return {Kind::tls_handshake, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE};
  }
  if (conditions_.connect == Conditions::Connect::tls_refused) {
    ConnectOutcome refused{Kind::tls_handshake, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED};
    refused.certificate_flags = MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    return refused;
  }
  ConnectOutcome outcome;
  outcome.resumed = resumes(request);
  return outcome;
}

bool InProcessTransport::resumes(const ConnectRequest& request) const {
  const auto* session = dynamic_cast<const InProcessSession*>(request.session);
  return request.tls && session != nullptr && session->endpoint == request.endpoint &&
         conditions_.resumes_sessions && conditions_.connect == Conditions::Connect::accepted;
}

std::unique_ptr<SavedSession> InProcessTransport::save_session() {
  return std::make_unique<InProcessSession>(endpoint_);
}

void InProcessTransport::accept(const Endpoint& endpoint) {
  Network::Accepted accepted = stack_.network().accept(endpoint);
  conditions_ = std::move(accepted.conditions);
  peer_ = std::move(accepted.peer);
  endpoint_ = endpoint;
  link_losses_ = stack_.link_losses();
}

bool InProcessTransport::aborted() const {
  return stack_.link_losses() != link_losses_ || stack_.link_status() == LinkStatus::down;
}

Io InProcessTransport::fail(int error) {
  errno_ = error;
  return {Io::Status::failed};
}

std::int64_t InProcessTransport::next_heard_us() const {
  if (stack_.link_status() != LinkStatus::up || arrivals_.empty()) return INT64_MAX;
  return stack_.link().hears_at_us(arrivals_.front().due_us);
}

Io InProcessTransport::read(char* buffer, std::size_t size, int timeout_ms) {
  Scheduler& scheduler = Scheduler::current();
  const std::int64_t until_us = deadline(timeout_ms);
  while (true) {
    if (aborted()) return fail(ECONNABORTED);
    deliver_written();
    const std::int64_t heard_us = next_heard_us();
    if (heard_us <= scheduler.now_us()) {
      Arrival& arrival = arrivals_.front();
      if (arrival.kind == Arrival::Kind::close) {
        errno_ = ENOTCONN;
        return {Io::Status::closed};
      }
      if (arrival.kind == Arrival::Kind::reset) return fail(ECONNRESET);
      const std::size_t count = std::min(size, arrival.bytes.size() - arrival.read);
      std::memcpy(buffer, arrival.bytes.data() + arrival.read, count);
      arrival.read += count;
      if (arrival.read == arrival.bytes.size()) arrivals_.pop_front();
      return {Io::Status::done, count};
    }
    if (scheduler.now_us() >= until_us) return {Io::Status::timeout};
    stack_.wait(std::min(until_us, heard_us), "esp_http_client_read");
  }
}

Io InProcessTransport::write(const char* data, std::size_t size, int) {
  Scheduler::current().kernel_call();
  if (aborted()) return fail(ECONNABORTED);
  const bool over = next_heard_us() <= Scheduler::current().now_us() &&
                    arrivals_.front().kind == Arrival::Kind::reset;
  if (over || refused_us_ <= Scheduler::current().now_us()) return fail(ECONNRESET);
  written_.append(data, size);
  deliver_written();
  return {Io::Status::done, size};
}

void InProcessTransport::deliver_written() {
  if (written_.empty() || stack_.link_status() != LinkStatus::up) return;
  const std::string bytes = std::exchange(written_, {});
  if (peer_ != nullptr && !ended_) {
    peer_->on_data(*this, bytes);
  } else {
    const std::int64_t answered_us = Scheduler::current().now_us() + 2 * conditions_.latency_us;
    refused_us_ = std::min(refused_us_, stack_.link().hears_at_us(answered_us));
  }
}

void InProcessTransport::close() {
  peer_.reset();
  arrivals_.clear();
  written_.clear();
}

int InProcessTransport::take_errno() {
  return std::exchange(errno_, 0);
}

void InProcessTransport::send(std::string_view bytes, std::int64_t after_us) {
  const std::int64_t round_trip_us = 2 * conditions_.latency_us;
  line_free_us_ = std::max(line_free_us_, Scheduler::current().now_us() + round_trip_us + after_us);
  while (!bytes.empty() && !ended_) {
    std::string segment(bytes.substr(0, conditions_.segment_bytes));
    meet_faults(segment);
    bytes.remove_prefix(segment.size());
    if (segment.empty()) continue;
    if (conditions_.bytes_per_second != 0) {
      line_free_us_ +=
          static_cast<std::int64_t>(segment.size() * kUsPerSecond / conditions_.bytes_per_second);
    }
    sent_bytes_ += segment.size();
    arrivals_.push_back({line_free_us_, Arrival::Kind::bytes, std::move(segment)});
  }
}

void InProcessTransport::meet_faults(std::string& segment) {
  while (next_fault_ < conditions_.faults.size()) {
    const StreamFault& fault = conditions_.faults[next_fault_];
    const std::size_t ahead = fault.after_bytes - std::min(fault.after_bytes, sent_bytes_);
    if (ahead > 0) {
      segment.resize(std::min(segment.size(), ahead));
      return;
    }
    ++next_fault_;
    if (fault.kind == StreamFault::Kind::stall) {
      line_free_us_ += fault.stall_us;
    } else if (fault.kind == StreamFault::Kind::corrupt) {
      segment[0] = static_cast<char>(~segment[0]);
    } else {
      segment.clear();
      end(fault.kind == StreamFault::Kind::reset ? Arrival::Kind::reset : Arrival::Kind::close, 0);
      return;
    }
  }
}

void InProcessTransport::close(std::int64_t after_us) {
  end(Arrival::Kind::close, after_us);
}

void InProcessTransport::reset(std::int64_t after_us) {
  end(Arrival::Kind::reset, after_us);
}

void InProcessTransport::end(Arrival::Kind kind, std::int64_t after_us) {
  if (ended_) return;
  ended_ = true;
  line_free_us_ = std::max(line_free_us_, Scheduler::current().now_us()) + after_us;
  arrivals_.push_back({line_free_us_, kind, {}});
}

}  // namespace simulator::net
