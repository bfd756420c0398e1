#pragma once

/// The chip's network: the HTTP client over real sockets or over peers in the same process.
namespace simulator::net {

enum class LinkStatus {
  down,    ///< no address: nothing can be sent, and open connections are gone
  silent,  ///< an address, but nobody hears the chip: packets are lost
  up,
};

/// What the network asks of the radio. The composition root implements it, and calls
/// `HttpStack::link_changed` at every change.
class Link {
 public:
  virtual ~Link() = default;
  [[nodiscard]] virtual LinkStatus status() const = 0;
};

}  // namespace simulator::net
