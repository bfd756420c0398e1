#include "simulator/chip/power_session.hpp"

#include <utility>

namespace simulator::chip {

net::LinkStatus PowerSession::StationLink::status() const {
  if (!netif_.has_address()) return net::LinkStatus::down;
  return wifi_.frames_pass() ? net::LinkStatus::up : net::LinkStatus::silent;
}

PowerSession::PowerSession(Options options, flash::FlashChip& flash,
                           const flash::PartitionTable& table, const flash::Partition& running,
                           radio::World& world, net::Network& network)
    : kernel_(std::move(options.kernel)),
      heap_(kernel_.scheduler().heap()),
      partitions_(flash, table, &running, options.application.idf),
      application_(partitions_, options.application),
      nvs_(partitions_),
      wifi_(world, options.wifi),
      netif_(world, wifi_),
      link_(wifi_, netif_),
      http_(network, link_, options.http) {
  wifi_.set_link_listener([this] { http_.link_changed(); });
  netif_.set_address_listener([this] { http_.link_changed(); });
}

}  // namespace simulator::chip
