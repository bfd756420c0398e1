#include "simulator/net/http_stack.hpp"

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/wait_list.hpp"
#include "simulator/net/host_transport.hpp"
#include "simulator/net/http_client.hpp"
#include "simulator/net/in_process_transport.hpp"

namespace simulator::net {

using kernel::misuse;
using kernel::Scheduler;

namespace {

HttpStack* current_stack = nullptr;

}  // namespace

class HttpStack::Waiters : public kernel::KernelObject {
 public:
  kernel::WaitList tasks;
};

HttpStack::HttpStack(Network& network, const Link& link, HttpBehaviour behaviour)
    : network_(network),
      link_(link),
      behaviour_(behaviour),
      waiters_(Scheduler::current().objects().create<Waiters>()),
      last_status_(link.status()) {
  if (current_stack != nullptr) misuse("HttpStack", "another one is alive");
  current_stack = this;
}

HttpStack::~HttpStack() {
  current_stack = nullptr;
}

HttpStack& HttpStack::current() {
  if (current_stack == nullptr) misuse("HttpStack::current", "no HTTP stack is alive");
  return *current_stack;
}

HttpStack* HttpStack::current_or_null() {
  return current_stack;
}

void HttpStack::link_changed() {
  const LinkStatus status = link_.status();
  if (status == LinkStatus::down && last_status_ != LinkStatus::down) ++link_losses_;
  last_status_ = status;
  Scheduler::current().wake_all(waiters_->tasks);
}

HttpClient& HttpStack::create_client() {
  auto client = std::make_unique<HttpClient>(*this);
  HttpClient& created = *client;
  clients_.emplace(created.handle(), std::move(client));
  ++statistics_.clients_created;
  ++statistics_.clients_alive;
  return created;
}

void HttpStack::destroy_client(HttpClient& client) {
  clients_.erase(client.handle());
  --statistics_.clients_alive;
}

HttpClient& HttpStack::client(esp_http_client_handle_t handle, const char* function) const {
  const auto found = clients_.find(handle);
  if (found == clients_.end()) {
    misuse(function, handle == nullptr ? "the client is NULL (on the chip: a crash)"
                                       : "the client was cleaned up already");
  }
  return *found->second;
}

std::unique_ptr<Transport> HttpStack::make_transport(const Endpoint& endpoint) {
  if (const auto host_endpoint = network_.on_host(endpoint)) {
    return std::make_unique<HostTransport>(*this, *host_endpoint);
  }
  return std::make_unique<InProcessTransport>(*this);
}

void HttpStack::count_connection(const ConnectOutcome& outcome) {
  const bool succeeded = outcome.kind == ConnectOutcome::Kind::connected;
  ++(succeeded ? statistics_.connections : statistics_.failed_connections);
  if (outcome.resumed) ++statistics_.resumed_sessions;
}

void HttpStack::wait(std::int64_t until_us, const char* function) {
  Scheduler::current().wait(waiters_->tasks, until_us, function);
}

}  // namespace simulator::net
