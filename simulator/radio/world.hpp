#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "simulator/radio/access_point.hpp"
#include "simulator/radio/faults.hpp"

namespace simulator::radio {

/// Identifies an access point for the life of the world.
using AccessPointId = std::size_t;

/// The access points in reach of the chip. It outlives reboots and has a clock of its own, which
/// goes on with each power-on session where the one before left it. Not thread-safe.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  AccessPointId add(AccessPoint access_point);
  [[nodiscard]] const AccessPoint& at(AccessPointId id) const { return access_points_.at(id); }
  [[nodiscard]] std::size_t size() const { return access_points_.size(); }

  /// Edits an access point; a connected station notices as it would notice in reality.
  void change(AccessPointId id, const std::function<void(AccessPoint&)>& edit);
  /// The access point sends its station away now.
  void kick(AccessPointId id, std::uint8_t reason);
  /// The Wi-Fi driver posts an event for no reason; a WIFI_EVENT_STA_DISCONNECTED carries `reason`.
  void post_spurious(std::int32_t wifi_event_id, std::uint8_t reason = WIFI_REASON_UNSPECIFIED);

  /// Calls `happening` when the world's clock reaches `when_us`: at once if it is past already,
  /// while a session runs outside of any task. Happenings of one time run in the order of calls.
  void call_at(std::int64_t when_us, std::function<void(World&)> happening);

  /// Microseconds since the world began; stands still while the chip is off.
  [[nodiscard]] std::int64_t now_us() const;
  /// Lets time pass while the chip is off.
  void pass(std::int64_t duration_us);

  [[nodiscard]] Faults& faults() { return faults_; }

  /// A part of the chip that hears what happens.
  class Listener {
   public:
    virtual void on_change(AccessPointId id) = 0;
    virtual void on_kick(AccessPointId id, std::uint8_t reason) = 0;
    virtual void on_spurious(std::int32_t wifi_event_id, std::uint8_t reason) = 0;

   protected:
    ~Listener() = default;
  };

  /// For the Wi-Fi driver: ties the world's clock to the session that is current now. One at a
  /// time.
  void begin_session(Listener& listener);
  void end_session();
  /// For the network interface.
  void add_listener(Listener& listener);
  void remove_listener(Listener& listener);

 private:
  void run_due();
  void arm();
  template <typename Call>
  void tell(const Call& call);

  std::vector<AccessPoint> access_points_;
  std::vector<Listener*> listeners_;
  Listener* driver_ = nullptr;
  std::multimap<std::int64_t, std::function<void(World&)>> happenings_;
  Faults faults_;
  std::int64_t session_start_us_ = 0;  ///< the world's time at which the session's is 0
  std::uint64_t alarm_ = 0;
};

}  // namespace simulator::radio
