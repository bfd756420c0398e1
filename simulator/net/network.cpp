#include "simulator/net/network.hpp"

#include <algorithm>
#include <utility>

#include "simulator/kernel/misuse.hpp"

namespace simulator::net {

namespace {

constexpr std::uint64_t kRandomPurpose = 0x4E7;
constexpr unsigned kPerMille = 1000;

}  // namespace

void Network::listen(Endpoint endpoint, MakePeer make_peer) {
  listening_[std::move(endpoint)].make_peer = std::move(make_peer);
}

void Network::stop_listening(const Endpoint& endpoint) {
  listening_.erase(endpoint);
}

void Network::set_conditions(const Endpoint& endpoint, ChooseConditions choose) {
  conditions_[endpoint] = std::move(choose);
}

void Network::randomize(std::uint64_t seed, RandomRates rates) {
  random_.emplace(seed, kRandomPurpose);
  rates_ = rates;
}

void Network::route(Endpoint from, Endpoint to) {
  routes_[std::move(from)] = std::move(to);
}

bool Network::has_peer(const Endpoint& endpoint) const {
  return listening_.contains(endpoint);
}

Network::Accepted Network::accept(const Endpoint& endpoint) {
  const auto found = listening_.find(endpoint);
  if (found == listening_.end()) kernel::misuse("Network::accept", "nobody listens there");
  Accepted accepted;
  const unsigned number = found->second.connections++;
  if (const auto chosen = conditions_.find(endpoint); chosen != conditions_.end()) {
    accepted.conditions = chosen->second(number);
  }
  if (random_) add_random_faults(accepted.conditions);
  if (accepted.conditions.connect == Conditions::Connect::accepted) {
    accepted.peer = found->second.make_peer();
  }
  return accepted;
}

void Network::add_random_faults(Conditions& conditions) {
  using Connect = Conditions::Connect;
  using Kind = StreamFault::Kind;
  const auto happens = [&](unsigned per_mille) { return random_->below(kPerMille) < per_mille; };
  if (happens(rates_.refused_per_mille)) conditions.connect = Connect::refused;
  if (happens(rates_.unanswered_per_mille)) conditions.connect = Connect::unanswered;
  if (happens(rates_.tls_failed_per_mille)) conditions.connect = Connect::tls_broken;
  const std::pair<Kind, unsigned> stream_faults[] = {{Kind::reset, rates_.reset_per_mille},
                                                     {Kind::close, rates_.closed_per_mille},
                                                     {Kind::stall, rates_.stalled_per_mille},
                                                     {Kind::corrupt, rates_.corrupted_per_mille}};
  for (const auto& [kind, per_mille] : stream_faults) {
    if (!happens(per_mille)) continue;
    const auto position = static_cast<std::size_t>(random_->below(rates_.fault_bytes_max + 1));
    const auto stall_us = static_cast<std::int64_t>(
        random_->below(static_cast<std::uint64_t>(rates_.stall_us_max) + 1));
    conditions.faults.push_back({position, kind, stall_us});
  }
  std::stable_sort(
      conditions.faults.begin(), conditions.faults.end(),
      [](const StreamFault& a, const StreamFault& b) { return a.after_bytes < b.after_bytes; });
}

std::optional<Endpoint> Network::on_host(const Endpoint& endpoint) const {
  if (has_peer(endpoint)) return std::nullopt;
  if (const auto found = routes_.find(endpoint); found != routes_.end()) return found->second;
  if (host_network_) return endpoint;
  return std::nullopt;
}

bool Network::knows_host(const std::string& host) const {
  const auto is_host = [&](const auto& entry) { return entry.first.host == host; };
  return std::any_of(listening_.begin(), listening_.end(), is_host) ||
         std::any_of(routes_.begin(), routes_.end(), is_host);
}

}  // namespace simulator::net
