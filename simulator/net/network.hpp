#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simulator/kernel/random.hpp"
#include "simulator/net/peer.hpp"
#include "simulator/net/transport.hpp"

namespace simulator::net {

/// What can be reached from the chip. It outlives reboots. Endpoints are looked up in this order:
/// peers in the process, routes, the host's network if that is allowed. What is none of these does
/// not exist: a name that can't be resolved, an address that doesn't answer.
class Network {
 public:
  using MakePeer = std::function<std::unique_ptr<Peer>()>;
  /// The conditions of the connection of this number, from 0 for each endpoint.
  using ChooseConditions = std::function<Conditions(unsigned connection)>;

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Makes a new peer for every connection to `endpoint`. Replaces the one before.
  void listen(Endpoint endpoint, MakePeer make_peer);
  void stop_listening(const Endpoint& endpoint);
  /// For peers in the process.
  void set_conditions(const Endpoint& endpoint, ChooseConditions choose);

  struct RandomRates {
    unsigned refused_per_mille = 0;
    unsigned unanswered_per_mille = 0;
    unsigned tls_failed_per_mille = 0;
    /// A fault somewhere in the first `fault_bytes_max` bytes that the peer sends.
    unsigned reset_per_mille = 0;
    unsigned closed_per_mille = 0;
    unsigned stalled_per_mille = 0;
    unsigned corrupted_per_mille = 0;
    std::size_t fault_bytes_max = 1'000'000;
    std::int64_t stall_us_max = 30'000'000;
  };
  /// In addition to the conditions of an endpoint. The same seed gives the same faults for the same
  /// connections.
  void randomize(std::uint64_t seed, RandomRates rates);

  /// Sends connections to `from` over the host's sockets to `to`. The certificate is still verified
  /// for the host of `from`.
  void route(Endpoint from, Endpoint to);
  /// Whether endpoints that are neither peers nor routed are looked for on the host's network.
  void allow_host_network(bool allowed) { host_network_ = allowed; }

  struct Accepted {
    std::unique_ptr<Peer> peer;
    Conditions conditions;
  };

  // For transports.
  [[nodiscard]] bool has_peer(const Endpoint& endpoint) const;
  /// The endpoint must have a peer.
  Accepted accept(const Endpoint& endpoint);
  /// Where on the host's network the endpoint is, if it is there.
  [[nodiscard]] std::optional<Endpoint> on_host(const Endpoint& endpoint) const;
  /// Whether any endpoint of this host is known.
  [[nodiscard]] bool knows_host(const std::string& host) const;

 private:
  struct Listening {
    MakePeer make_peer;
    unsigned connections = 0;
  };

  void add_random_faults(Conditions& conditions);

  std::map<Endpoint, Listening> listening_;
  std::map<Endpoint, ChooseConditions> conditions_;
  std::map<Endpoint, Endpoint> routes_;
  bool host_network_ = false;
  std::optional<kernel::Random> random_;
  RandomRates rates_;
};

}  // namespace simulator::net
