#pragma once

#include <cstdint>

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
  /// When the chip hears what reaches its access point at `at_us`: not before that, and later if
  /// its radio sleeps then.
  [[nodiscard]] virtual std::int64_t hears_at_us(std::int64_t at_us) const { return at_us; }
};

}  // namespace simulator::net
