#include "tests/simulation/wifi/wifi_device.hpp"

namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;
using simulator::radio::EventFate;
using simulator::radio::EventKind;
using simulator::radio::EventSource;
using simulator::radio::LinkLoss;

constexpr EventKind kStop{EventSource::wifi, WIFI_EVENT_STA_STOP};

class Disconnect : public testing::Test {
 protected:
  void kick() { device_.world().kick(access_point_, WIFI_REASON_AUTH_LEAVE); }

  /// A driver that takes `delay_us` to report that it stopped.
  void delay_stop(std::int64_t delay_us) {
    EventFate late;
    late.delay_us = delay_us;
    device_.faults().set_fate(kStop, simulator::radio::Faults::kEvery, late);
  }

  WifiDevice device_;
  AccessPointId access_point_ = device_.world().add(secured_access_point());
};

TEST_F(Disconnect, SwitchesWifiOff) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    EXPECT_FALSE(device_.wifi().installed());
    EXPECT_FALSE(device_.has_address());
  });
}

TEST_F(Disconnect, HasNothingToDoBeforeTheFirstConnection) {
  device_.run([&] { EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS); });
}

TEST_F(Disconnect, HasNothingToDoTheSecondTime) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    ASSERT_EQ(cwb_disconnect_b(), CWB_OK);
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Disconnect, HasNothingToDoAfterAFailedConnection) {
  device_.run([&] {
    ASSERT_EQ(connect("absent"), CWB_CONN_ERR);
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Disconnect, TellsThatTheLinkWasLostMeanwhile) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    kick();
    pass(kSecondUs);
    EXPECT_FALSE(device_.wifi().installed());
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Disconnect, TellsThatTheAccessPointVanishedMeanwhile) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.world().change(access_point_, [](AccessPoint& ap) { ap.present = false; });
    pass(10 * kSecondUs);
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Disconnect, LeavesAnAccessPointThatVanishedUnnoticed) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.world().change(access_point_, [](AccessPoint& ap) { ap.present = false; });
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    EXPECT_FALSE(device_.wifi().installed());
  });
}

TEST_F(Disconnect, WaitsForTheStopAfterALostLink) {
  delay_stop(2 * kSecondUs);
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    kick();
    pass(kSecondUs);
    const TimedStatus call = timed(&cwb_disconnect_b);
    EXPECT_EQ(call.status, CWB_ALREADY_DIS);
    EXPECT_LE(call.duration_us, kDisconnectBoundUs);
    EXPECT_FALSE(device_.wifi().installed());
    EXPECT_EQ(connect(), CWB_OK);
  });
}

/// The link may be lost at any moment around the request.
class DisconnectWhenTheLinkIsLost : public testing::TestWithParam<std::int64_t> {};

TEST_P(DisconnectWhenTheLinkIsLost, EndsWithWifiOff) {
  WifiDevice device;
  const AccessPointId access_point = device.world().add(secured_access_point());
  device.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device.world().call_at(device.world().now_us() + GetParam(),
                           [=](auto& world) { world.kick(access_point, WIFI_REASON_AUTH_LEAVE); });
    pass(20 * kMillisecondUs);
    const cwb_status_t status = cwb_disconnect_b();
    EXPECT_TRUE(status == CWB_OK || status == CWB_ALREADY_DIS) << status;
    EXPECT_FALSE(device.wifi().installed());
    EXPECT_EQ(connect(), CWB_OK);
  });
}

INSTANTIATE_TEST_SUITE_P(AroundTheRequest, DisconnectWhenTheLinkIsLost,
                         testing::Range<std::int64_t>(17'000, 23'000, 250));

class Reconnect : public Disconnect {};

TEST_F(Reconnect, GetsAStatusOfItsOwnAfterALostLink) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    kick();
    pass(5 * kSecondUs);
    const TimedStatus second = timed([] { return connect(); });
    EXPECT_EQ(second.status, CWB_OK);
    EXPECT_GT(second.duration_us, 100 * kMillisecondUs) << "released before anything was done";
    EXPECT_TRUE(device_.has_address());
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
  });
}

TEST_F(Reconnect, GetsTheReasonOfItsOwnFailureAfterALostLink) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    kick();
    pass(5 * kSecondUs);
    device_.world().change(access_point_, [](AccessPoint& ap) { ap.dhcp.answers = false; });
    EXPECT_EQ(connect(), CWB_IP_TIMEOUT);
    EXPECT_EQ(connect("absent"), CWB_CONN_ERR);
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Reconnect, IsServedDuringTheStopAfterALostLink) {
  delay_stop(2 * kSecondUs);
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    kick();
    pass(100 * kMillisecondUs);
    EXPECT_EQ(connect(), CWB_OK);
    EXPECT_TRUE(device_.has_address());
  });
}

TEST_F(Reconnect, SurvivesAnIpAddressThatIsRenewed) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.world().change(access_point_, [](AccessPoint& ap) { ap.dhcp.address = {10, 0, 0, 7}; });
    pass(5 * kSecondUs);
    EXPECT_EQ(connect(), CWB_ALREADY_CON);
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
  });
}

/// How a connection attempt ends must not matter to the next one.
struct Failure {
  const char* name;
  cwb_status_t status;
  std::function<void(AccessPoint&)> cause;
};

class ReconnectAfter : public testing::TestWithParam<Failure> {};

TEST_P(ReconnectAfter, Succeeds) {
  WifiDevice device;
  const AccessPointId access_point = device.world().add(secured_access_point());
  device.world().change(access_point, GetParam().cause);
  device.run([&] {
    EXPECT_EQ(connect(), GetParam().status);
    EXPECT_FALSE(device.wifi().installed());
    device.world().change(access_point, [](AccessPoint& ap) { ap = secured_access_point(); });
    EXPECT_EQ(connect(), CWB_OK);
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Failures, ReconnectAfter,
    testing::Values(
        Failure{"AbsentAccessPoint", CWB_CONN_ERR, [](AccessPoint& ap) { ap.present = false; }},
        Failure{"Refusal", CWB_CONN_ERR,
                [](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_ASSOC_FAIL; }},
        Failure{"NoAddress", CWB_IP_TIMEOUT, [](AccessPoint& ap) { ap.dhcp.answers = false; }},
        Failure{"LostLink", CWB_DIS,
                [](AccessPoint& ap) {
                  ap.dhcp.answers = false;
                  ap.link_loss = LinkLoss{kSecondUs, WIFI_REASON_AUTH_LEAVE};
                }}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace fuota::test
