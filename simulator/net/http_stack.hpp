#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "esp_http_client.h"
#include "simulator/net/http_behaviour.hpp"
#include "simulator/net/link.hpp"
#include "simulator/net/network.hpp"
#include "simulator/net/transport.hpp"

namespace simulator::net {

class HttpClient;

/// The network of one power-on session. It owns all HTTP clients, so that a power cut leaves none
/// behind. The esp_http_client_* functions act on the current one.
class HttpStack {
 public:
  /// What a test counts to find leaks.
  struct Statistics {
    unsigned clients_created = 0;
    unsigned clients_alive = 0;
    unsigned connections = 0;
    unsigned failed_connections = 0;
    unsigned resumed_sessions = 0;  ///< of the connections
  };

  /// Both must outlive it. Makes itself current; one at a time, in a session.
  HttpStack(Network& network, const Link& link, HttpBehaviour behaviour = {});
  ~HttpStack();
  HttpStack(const HttpStack&) = delete;
  HttpStack& operator=(const HttpStack&) = delete;

  /// Aborts with a message when there is none.
  static HttpStack& current();
  static HttpStack* current_or_null();

  /// For whoever knows the link: its status may have changed.
  void link_changed();

  [[nodiscard]] const Statistics& statistics() const { return statistics_; }
  [[nodiscard]] const HttpBehaviour& behaviour() const { return behaviour_; }

  // For the clients and their transports.
  HttpClient& create_client();
  void destroy_client(HttpClient& client);
  /// Aborts with a message when the handle is none of a living client.
  HttpClient& client(esp_http_client_handle_t handle, const char* function) const;
  std::unique_ptr<Transport> make_transport(const Endpoint& endpoint);
  void count_connection(const ConnectOutcome& outcome);

  [[nodiscard]] Network& network() const { return network_; }
  [[nodiscard]] LinkStatus link_status() const { return link_.status(); }
  [[nodiscard]] const Link& link() const { return link_; }
  /// Rises each time that the link goes down, which ends all connections.
  [[nodiscard]] unsigned link_losses() const { return link_losses_; }
  /// Blocks the running task until the link changes or the clock reaches `until_us`.
  void wait(std::int64_t until_us, const char* function);

 private:
  class Waiters;

  Network& network_;
  const Link& link_;
  const HttpBehaviour behaviour_;
  Statistics statistics_;
  std::map<esp_http_client_handle_t, std::unique_ptr<HttpClient>> clients_;
  Waiters* waiters_;  ///< the session's object store owns it, since tasks may outlive this
  unsigned link_losses_ = 0;
  LinkStatus last_status_;
};

}  // namespace simulator::net
