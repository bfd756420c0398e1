#include <random>

#include "scan_wifi_b.h"
#include "tests/simulation/wifi/wifi_device.hpp"

/// A long life, and a wild one.
namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;
using simulator::radio::Faults;
using simulator::radio::World;

TEST(AThousandCycles, OfConnectingLosingTheLinkAndReconnectingLeakNothing) {
  WifiDevice device;
  const AccessPointId access_point = device.world().add(secured_access_point());
  device.run([&] {
    Holdings before;
    for (int i = 0; i < 1000; ++i) {
      const TimedStatus call = timed([] { return connect(); });
      ASSERT_EQ(call.status, CWB_OK) << "cycle " << i;
      ASSERT_GT(call.duration_us, 100 * kMillisecondUs) << "a stale status in cycle " << i;
      ASSERT_TRUE(device.has_address()) << "cycle " << i;
      device.world().kick(access_point, WIFI_REASON_AUTH_LEAVE);
      pass(kSecondUs);
      // What stays for good is there after the first cycle.
      if (i == 0) before = device.holdings();
    }
    EXPECT_EQ(device.holdings(), before);
    EXPECT_EQ(connection::dropped_events(), 0U);
  });
}

TEST(AThousandCycles, OfScanningConnectingAndDisconnectingLeakNothing) {
  WifiDevice device;
  device.world().add(secured_access_point());
  device.run([&] {
    Holdings before;
    for (int i = 0; i < 1000; ++i) {
      wifi_ap_record_t record;
      std::uint8_t count = 0;
      ASSERT_EQ(swb_scan_b(1, &record, &count), SWB_SUCCESS) << "cycle " << i;
      ASSERT_EQ(count, 1) << "cycle " << i;
      ASSERT_EQ(connect(), CWB_OK) << "cycle " << i;
      ASSERT_EQ(cwb_disconnect_b(), CWB_OK) << "cycle " << i;
      if (i == 0) before = device.holdings();
    }
    EXPECT_EQ(device.holdings(), before);
  });
}

TEST(AThousandCycles, OfFailingInEveryWayLeakNothing) {
  WifiDevice device;
  const AccessPointId access_point = device.world().add(secured_access_point());
  device.run([&] {
    const auto set = [&](const std::function<void(AccessPoint&)>& edit) {
      device.world().change(access_point, [](AccessPoint& ap) { ap = secured_access_point(); });
      device.world().change(access_point, edit);
    };
    Holdings before;
    for (int i = 0; i < 250; ++i) {
      set([](AccessPoint& ap) { ap.dhcp.answers = false; });
      ASSERT_EQ(connect(), CWB_IP_TIMEOUT) << "cycle " << i;
      set([](AccessPoint& ap) { ap.present = false; });
      ASSERT_EQ(connect(), CWB_CONN_ERR) << "cycle " << i;
      set([](AccessPoint& ap) {
        ap.dhcp.answers = false;
        ap.link_loss = simulator::radio::LinkLoss{kSecondUs, WIFI_REASON_AUTH_LEAVE};
      });
      ASSERT_EQ(connect(), CWB_DIS) << "cycle " << i;
      set([](AccessPoint&) {});
      ASSERT_EQ(connect(), CWB_OK) << "cycle " << i;
      ASSERT_EQ(cwb_disconnect_b(), CWB_OK) << "cycle " << i;
      if (i == 0) before = device.holdings();
    }
    EXPECT_EQ(device.holdings(), before);
  });
}

/// A storm: everything that the world and the driver can do, at random times.
class Storm {
 public:
  Storm(std::uint64_t seed, WifiDevice& device, AccessPointId access_point)
      : random_(seed), device_(device), access_point_(access_point) {}

  /// Plans what happens within the next `duration_us`.
  void rage(std::int64_t duration_us) {
    Faults::RandomRates rates;
    rates.failed_calls_per_mille = below(60);
    rates.lost_per_mille = below(150);
    rates.doubled_per_mille = below(150);
    rates.late_per_mille = below(150);
    rates.late_us_max = 1 + below(8'000'000);
    device_.faults().randomize(random_(), rates);
    World& world = device_.world();
    for (unsigned i = below(12); i > 0; --i) {
      world.call_at(world.now_us() + below(static_cast<unsigned>(duration_us)), happening());
    }
  }

  /// The world is in order again. What was planned must be past. The access point gives another
  /// address than before: if ESP-IDF's own handlers missed the end of the last connection, the
  /// DHCP client would not report the old one.
  void calm() {
    device_.faults().clear();
    ++calms_;
    device_.world().change(access_point_, [this](AccessPoint& ap) {
      ap = secured_access_point();
      ap.dhcp.address[2] = static_cast<std::uint8_t>(calms_ >> 8);
      ap.dhcp.address[3] = static_cast<std::uint8_t>(calms_);
    });
  }

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  std::function<void(World&)> happening() {
    static constexpr std::int32_t kEvents[] = {
        WIFI_EVENT_SCAN_DONE,     WIFI_EVENT_STA_START,        WIFI_EVENT_STA_STOP,
        WIFI_EVENT_STA_CONNECTED, WIFI_EVENT_STA_DISCONNECTED, WIFI_EVENT_STA_AUTHMODE_CHANGE};
    static constexpr std::uint8_t kReasons[] = {2, 4, 8, 15, 200, 201, 202, 203, 204, 205};
    const std::uint8_t reason = kReasons[below(std::size(kReasons))];
    const std::int32_t event = kEvents[below(std::size(kEvents))];
    switch (below(6)) {
      case 0:
        return [this, reason](World& world) { world.kick(access_point_, reason); };
      case 1:
        return edit([](AccessPoint& ap) { ap.present = !ap.present; });
      case 2:
        return edit([](AccessPoint& ap) { ap.dhcp.answers = !ap.dhcp.answers; });
      case 3:
        return edit([reason](AccessPoint& ap) {
          ap.refuses_with = ap.refuses_with ? std::nullopt : std::optional(reason);
        });
      default:
        return [event, reason](World& world) { world.post_spurious(event, reason); };
    }
  }

  std::function<void(World&)> edit(std::function<void(AccessPoint&)> change) {
    return
        [this, change = std::move(change)](World& world) { world.change(access_point_, change); };
  }

  std::mt19937_64 random_;
  WifiDevice& device_;
  AccessPointId access_point_;
  unsigned calms_ = 0;
};

/// One of the component's calls, with what it promises in any weather.
void call_in_a_storm(Storm& storm, WifiDevice& device) {
  if (storm.below(3) == 0) {
    const TimedStatus call = timed(&cwb_disconnect_b);
    EXPECT_LE(call.duration_us, kDisconnectBoundUs);
    return;
  }
  const std::uint32_t timeout_ms = 1 + storm.below(15'000);
  const TimedStatus call = timed([&] { return connect(kSsid, kPassword, timeout_ms); });
  EXPECT_LE(call.duration_us, timeout_ms * kMillisecondUs + kConnectBoundUs) << call.status;
  const bool may_be_on = call.status == CWB_OK || call.status == CWB_ALREADY_CON;
  EXPECT_TRUE(may_be_on || call.status == CWB_SYS_ERR || !device.wifi().installed()) << call.status;
}

TEST(AStorm, ReleasesEveryCallerAndIsForgottenWhenItIsOver) {
  constexpr int kStorms = 300;
  constexpr std::int64_t kStormUs = 60 * kSecondUs;
  const std::uint64_t seed = random_test_seed();
  TestBoard::Options options;
  options.board.seed = seed;
  WifiDevice device(options);
  const AccessPointId access_point = device.world().add(secured_access_point());
  Storm storm(seed, device, access_point);
  device.run(
      [&] {
        ASSERT_EQ(connect(), CWB_OK);
        ASSERT_EQ(cwb_disconnect_b(), CWB_OK);
        const Holdings before = device.holdings();
        for (int i = 0; i < kStorms && !testing::Test::HasFailure(); ++i) {
          SCOPED_TRACE("storm " + std::to_string(i) + ", FUOTA_TEST_SEED=" + std::to_string(seed));
          storm.rage(kStormUs);
          const std::int64_t end_us = device.world().now_us() + kStormUs;
          for (int call = 0; call < 4; ++call) {
            call_in_a_storm(storm, device);
            pass(storm.below(3) * kSecondUs);
          }
          pass(std::max<std::int64_t>(0, end_us - device.world().now_us()) + 10 * kSecondUs);
          storm.calm();
          pass(10 * kSecondUs);
          (void)cwb_disconnect_b();
          EXPECT_EQ(connect(), CWB_OK) << device.last_lines();
          EXPECT_TRUE(device.has_address());
          EXPECT_EQ(cwb_disconnect_b(), CWB_OK) << device.last_lines();
          EXPECT_EQ(device.holdings(), before);
          device.board().forget_lines();
        }
      },
      1000 * kHourUs);
}

}  // namespace
}  // namespace fuota::test
