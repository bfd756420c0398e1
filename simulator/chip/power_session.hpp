#pragma once

#include "simulator/boot/application.hpp"
#include "simulator/chip/device_heap.hpp"
#include "simulator/flash/nvs/driver.hpp"
#include "simulator/flash/partitions.hpp"
#include "simulator/kernel/session.hpp"
#include "simulator/net/http_stack.hpp"
#include "simulator/net/link.hpp"
#include "simulator/radio/netif_stack.hpp"
#include "simulator/radio/wifi_driver.hpp"

namespace simulator::chip {

/// What exists from the moment an application is booted until the chip restarts or loses power:
/// ESP-IDF's parts, tied to each other. One at a time per process.
class PowerSession {
 public:
  struct Options {
    kernel::Session::Options kernel;
    boot::ApplicationOptions application;
    radio::WifiDriver::Options wifi;
    net::HttpBehaviour http;
  };

  /// `running` is the partition that was booted, of `table`. The others must outlive the session.
  PowerSession(Options options, flash::FlashChip& flash, const flash::PartitionTable& table,
               const flash::Partition& running, radio::World& world, net::Network& network);
  PowerSession(const PowerSession&) = delete;
  PowerSession& operator=(const PowerSession&) = delete;

  [[nodiscard]] kernel::Session& kernel() { return kernel_; }
  [[nodiscard]] const DeviceHeap& heap() const { return heap_; }
  [[nodiscard]] const radio::WifiDriver& wifi() const { return wifi_; }
  [[nodiscard]] const radio::NetifStack& netif() const { return netif_; }
  [[nodiscard]] const net::HttpStack& http() const { return http_; }

 private:
  /// The network as far as the radio carries it.
  class StationLink final : public net::Link {
   public:
    StationLink(const radio::WifiDriver& wifi, const radio::NetifStack& netif)
        : wifi_(wifi), netif_(netif) {}
    [[nodiscard]] net::LinkStatus status() const override;
    [[nodiscard]] std::int64_t hears_at_us(std::int64_t at_us) const override {
      return wifi_.hears_at_us(at_us);
    }

   private:
    const radio::WifiDriver& wifi_;
    const radio::NetifStack& netif_;
  };

  kernel::Session kernel_;
  DeviceHeap heap_;
  flash::Partitions partitions_;
  boot::Application application_;
  flash::nvs::Driver nvs_;
  radio::WifiDriver wifi_;
  radio::NetifStack netif_;
  StationLink link_;
  net::HttpStack http_;
};

}  // namespace simulator::chip
