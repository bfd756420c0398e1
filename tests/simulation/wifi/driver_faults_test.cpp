#include <cstring>
#include <vector>

#include "simulator/kernel/heap.hpp"
#include "tests/simulation/wifi/wifi_device.hpp"

/// What conn_wifi_b makes of a driver that fails, loses, repeats, delays and invents.
namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;
using simulator::radio::EventFate;
using simulator::radio::EventKind;
using simulator::radio::EventSource;
using simulator::radio::Faults;

constexpr EventKind kStart{EventSource::wifi, WIFI_EVENT_STA_START};
constexpr EventKind kStop{EventSource::wifi, WIFI_EVENT_STA_STOP};
constexpr EventKind kConnected{EventSource::wifi, WIFI_EVENT_STA_CONNECTED};
constexpr EventKind kDisconnected{EventSource::wifi, WIFI_EVENT_STA_DISCONNECTED};
constexpr EventKind kGotIp{EventSource::ip, IP_EVENT_STA_GOT_IP};

constexpr EventFate kLost{0, 0, 0};

EventFate late(std::int64_t delay_us) {
  return {1, delay_us, 0};
}

EventFate repeated(std::int64_t after_us) {
  return {2, 0, after_us};
}

class DriverFaults : public testing::Test {
 protected:
  TimedStatus timed_connect() {
    const TimedStatus call = timed([] { return connect(); });
    EXPECT_LE(call.duration_us, kIpTimeoutMs * kMillisecondUs + kConnectBoundUs);
    EXPECT_EQ(device_.wifi().installed(), call.status == CWB_OK) << call.status;
    return call;
  }
  TimedStatus timed_disconnect() {
    const TimedStatus call = timed(&cwb_disconnect_b);
    EXPECT_LE(call.duration_us, kDisconnectBoundUs);
    EXPECT_FALSE(device_.wifi().installed()) << call.status;
    return call;
  }
  /// The component has recovered: a connection comes up and goes as if nothing had been.
  void expect_clean_cycle() {
    device_.faults().clear();
    EXPECT_EQ(timed_connect().status, CWB_OK) << device_.last_lines();
    EXPECT_TRUE(device_.has_address());
    EXPECT_EQ(timed_disconnect().status, CWB_OK) << device_.last_lines();
  }
  unsigned calls_of(const std::function<void()>& body) {
    const unsigned before = device_.faults().calls();
    body();
    return device_.faults().calls() - before;
  }

  WifiDevice device_;
  AccessPointId access_point_ = device_.world().add(secured_access_point());
};

TEST_F(DriverFaults, InAnyCallOfAConnectionAreASystemErrorWithWifiOff) {
  device_.run([&] {
    const unsigned calls = calls_of([&] { EXPECT_EQ(connect(), CWB_OK); });
    ASSERT_GE(calls, 6U);
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    for (unsigned nth = 1; nth <= calls; ++nth) {
      device_.faults().fail_call("", nth, ESP_ERR_NO_MEM);
      EXPECT_EQ(timed_connect().status, CWB_SYS_ERR) << "call " << nth;
      expect_clean_cycle();
    }
  });
}

TEST_F(DriverFaults, InAnyCallOfADisconnectionLeaveWifiOff) {
  device_.run([&] {
    EXPECT_EQ(connect(), CWB_OK);
    const unsigned calls = calls_of([] { EXPECT_EQ(cwb_disconnect_b(), CWB_OK); });
    ASSERT_GE(calls, 3U);
    for (unsigned nth = 1; nth <= calls; ++nth) {
      SCOPED_TRACE("call " + std::to_string(nth));
      ASSERT_EQ(connect(), CWB_OK);
      device_.faults().fail_call("", nth, ESP_FAIL);
      const cwb_status_t status = timed_disconnect().status;
      EXPECT_TRUE(status == CWB_OK || status == CWB_SYS_ERR) << status;
      expect_clean_cycle();
    }
  });
}

TEST_F(DriverFaults, InAnyCallAfterALostLinkLeaveWifiOff) {
  const auto lose_link = [&] {
    device_.world().kick(access_point_, WIFI_REASON_AUTH_LEAVE);
    pass(15 * kSecondUs);
  };
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    const unsigned calls = calls_of(lose_link);
    ASSERT_GE(calls, 2U);
    for (unsigned nth = 1; nth <= calls; ++nth) {
      SCOPED_TRACE("call " + std::to_string(nth));
      ASSERT_EQ(connect(), CWB_OK);
      device_.faults().fail_call("", nth, ESP_FAIL);
      lose_link();
      EXPECT_FALSE(device_.wifi().installed());
      expect_clean_cycle();
    }
  });
}

TEST_F(DriverFaults, InAnyCallOfAFailedConnectionDoNotHideThatItFailed) {
  device_.world().change(access_point_, [](AccessPoint& ap) { ap.dhcp.answers = false; });
  device_.run([&] {
    const unsigned calls = calls_of([] { EXPECT_EQ(connect(), CWB_IP_TIMEOUT); });
    for (unsigned nth = 1; nth <= calls; ++nth) {
      SCOPED_TRACE("call " + std::to_string(nth));
      device_.faults().clear();
      device_.faults().fail_call("", nth, ESP_FAIL);
      const cwb_status_t status = timed_connect().status;
      EXPECT_TRUE(status == CWB_IP_TIMEOUT || status == CWB_SYS_ERR) << status;
    }
    device_.world().change(access_point_, [](AccessPoint& ap) { ap.dhcp.answers = true; });
    expect_clean_cycle();
  });
}

TEST_F(DriverFaults, AreReportedWithTheErrorOfTheCall) {
  device_.faults().fail_call("esp_wifi_set_mode", 1, ESP_ERR_WIFI_NVS);
  device_.run([&] {
    connection::AccessPoint target;
    target.ssid_bytes = static_cast<std::uint8_t>(std::strlen(kSsid));
    std::memcpy(target.ssid.data(), kSsid, target.ssid_bytes);
    const connection::Report report = connection::connect(target, kIpTimeoutMs);
    EXPECT_EQ(report.status, CWB_SYS_ERR);
    EXPECT_EQ(report.error, ESP_ERR_WIFI_NVS);
  });
}

TEST_F(DriverFaults, LeakNothing) {
  device_.run([&] {
    expect_clean_cycle();
    const Holdings before = device_.holdings();
    for (unsigned nth = 1; nth <= 20; ++nth) {
      device_.faults().fail_call("", nth, ESP_FAIL);
      if (connect() == CWB_OK) (void)cwb_disconnect_b();
      device_.faults().clear();
      expect_clean_cycle();
      EXPECT_EQ(device_.holdings(), before) << "call " << nth;
    }
  });
}

TEST_F(DriverFaults, OfWholeFunctionsForEverReleaseEveryCaller) {
  device_.run([&] {
    for (const char* function : {"esp_wifi_init", "esp_wifi_set_storage", "esp_wifi_set_mode",
                                 "esp_wifi_start", "esp_wifi_set_config", "esp_wifi_connect"}) {
      SCOPED_TRACE(function);
      device_.faults().fail_call(function, Faults::kEvery, ESP_FAIL);
      EXPECT_EQ(timed_connect().status, CWB_SYS_ERR);
      EXPECT_EQ(timed_connect().status, CWB_SYS_ERR);
      EXPECT_EQ(timed_disconnect().status, CWB_ALREADY_DIS);
      expect_clean_cycle();
    }
  });
}

TEST_F(DriverFaults, ThatKeepTheDriverOnReleaseEveryCallerAtOnceAndPass) {
  device_.run([&] {
    for (const char* function : {"esp_wifi_stop", "esp_wifi_deinit"}) {
      SCOPED_TRACE(function);
      ASSERT_EQ(connect(), CWB_OK);
      device_.faults().fail_call(function, Faults::kEvery, ESP_FAIL);
      const TimedStatus out = timed(&cwb_disconnect_b);
      EXPECT_EQ(out.status, CWB_SYS_ERR);
      EXPECT_LT(out.duration_us, kSecondUs);
      const TimedStatus in = timed([] { return connect(); });
      EXPECT_EQ(in.status, CWB_SYS_ERR);
      EXPECT_LT(in.duration_us, kSecondUs);
      expect_clean_cycle();
    }
  });
}

/// One event that has this fate, once.
struct Mishap {
  const char* name;
  EventKind event;
  EventFate fate;
  /// What a connection ends in then.
  cwb_status_t status;
};

std::ostream& operator<<(std::ostream& out, const Mishap& mishap) {
  return out << mishap.name;
}

class ConnectionWith : public DriverFaults, public testing::WithParamInterface<Mishap> {};

TEST_P(ConnectionWith, MishapEndsWithinItsBoundAndTheNextOneWorks) {
  const Mishap& mishap = GetParam();
  device_.run([&] {
    device_.faults().set_fate(mishap.event, 1, mishap.fate);
    EXPECT_EQ(timed_connect().status, mishap.status) << device_.last_lines();
    if (mishap.status == CWB_OK) {
      EXPECT_EQ(timed_disconnect().status, CWB_OK);
    }
    expect_clean_cycle();
  });
}

INSTANTIATE_TEST_SUITE_P(
    Mishaps, ConnectionWith,
    testing::Values(Mishap{"StartLost", kStart, kLost, CWB_SYS_ERR},
                    Mishap{"StartDoubled", kStart, repeated(0), CWB_OK},
                    Mishap{"StartRepeatedLater", kStart, repeated(kSecondUs), CWB_OK},
                    Mishap{"StartLate", kStart, late(3 * kSecondUs), CWB_OK},
                    Mishap{"StartTooLate", kStart, late(8 * kSecondUs), CWB_SYS_ERR},
                    Mishap{"ConnectedLost", kConnected, kLost, CWB_IP_TIMEOUT},
                    Mishap{"ConnectedDoubled", kConnected, repeated(0), CWB_OK},
                    Mishap{"ConnectedLate", kConnected, late(2 * kSecondUs), CWB_OK},
                    Mishap{"AddressLost", kGotIp, kLost, CWB_IP_TIMEOUT},
                    Mishap{"AddressDoubled", kGotIp, repeated(0), CWB_OK},
                    Mishap{"AddressRepeatedLater", kGotIp, repeated(kSecondUs), CWB_OK},
                    Mishap{"AddressLate", kGotIp, late(3 * kSecondUs), CWB_OK},
                    Mishap{"AddressAfterTheTime", kGotIp, late(12 * kSecondUs), CWB_IP_TIMEOUT}),
    [](const auto& row) { return row.param.name; });

class DisconnectionWith : public DriverFaults, public testing::WithParamInterface<Mishap> {};

TEST_P(DisconnectionWith, MishapEndsWithinItsBoundAndTheNextConnectionWorks) {
  const Mishap& mishap = GetParam();
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.faults().set_fate(mishap.event, 1, mishap.fate);
    EXPECT_EQ(timed_disconnect().status, mishap.status) << device_.last_lines();
    expect_clean_cycle();
  });
}

INSTANTIATE_TEST_SUITE_P(
    Mishaps, DisconnectionWith,
    testing::Values(Mishap{"DisconnectedLost", kDisconnected, kLost, CWB_DIS_TIMEOUT},
                    Mishap{"DisconnectedDoubled", kDisconnected, repeated(0), CWB_OK},
                    Mishap{"DisconnectedRepeatedLater", kDisconnected, repeated(kSecondUs), CWB_OK},
                    Mishap{"DisconnectedLate", kDisconnected, late(2 * kSecondUs), CWB_OK},
                    Mishap{"StopLost", kStop, kLost, CWB_DIS_TIMEOUT},
                    Mishap{"StopDoubled", kStop, repeated(0), CWB_OK},
                    Mishap{"StopLate", kStop, late(3 * kSecondUs), CWB_OK}),
    [](const auto& row) { return row.param.name; });

TEST_F(DriverFaults, ThatDoubleARefusalDoNotHideIt) {
  device_.world().change(access_point_,
                         [](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_ASSOC_FAIL; });
  device_.faults().set_fate(kDisconnected, Faults::kEvery, repeated(0));
  device_.run([&] { EXPECT_EQ(timed_connect().status, CWB_CONN_ERR) << device_.last_lines(); });
}

TEST_F(DriverFaults, ThatRepeatATransientRefusalLaterDoNotMakeItLasting) {
  device_.world().change(access_point_,
                         [](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_AUTH_EXPIRE; });
  device_.world().call_at(2 * kSecondUs, [this](simulator::radio::World& world) {
    world.change(access_point_, [](AccessPoint& ap) { ap.refuses_with.reset(); });
  });
  device_.faults().set_fate(kDisconnected, 1, repeated(200 * kMillisecondUs));
  device_.run([&] { EXPECT_EQ(timed_connect().status, CWB_OK) << device_.last_lines(); });
}

TEST_F(DriverFaults, WithNoEventAtAllReleaseEveryCaller) {
  device_.run([&] {
    for (const std::int32_t id : {WIFI_EVENT_STA_START, WIFI_EVENT_STA_STOP,
                                  WIFI_EVENT_STA_CONNECTED, WIFI_EVENT_STA_DISCONNECTED}) {
      device_.faults().set_fate({EventSource::wifi, id}, Faults::kEvery, kLost);
    }
    device_.faults().set_fate(kGotIp, Faults::kEvery, kLost);
    EXPECT_EQ(timed_connect().status, CWB_SYS_ERR);
    EXPECT_EQ(timed_connect().status, CWB_SYS_ERR);
    EXPECT_EQ(timed_disconnect().status, CWB_ALREADY_DIS);
    expect_clean_cycle();
  });
}

TEST_F(DriverFaults, ThatMuteAConnectionReleaseWhoDisconnects) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.faults().set_fate(kDisconnected, Faults::kEvery, kLost);
    device_.faults().set_fate(kStop, Faults::kEvery, kLost);
    EXPECT_EQ(timed_disconnect().status, CWB_DIS_TIMEOUT);
    // ESP-IDF's own handlers missed the events, too: the interface still has its address, and the
    // DHCP client does not report one that it had before.
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    expect_clean_cycle();
  });
}

TEST_F(DriverFaults, ThatMuteALostLinkReleaseWhoReconnects) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    device_.faults().set_fate(kStop, Faults::kEvery, kLost);
    device_.world().kick(access_point_, WIFI_REASON_AUTH_LEAVE);
    pass(100 * kMillisecondUs);
    EXPECT_EQ(timed_connect().status, CWB_OK);
    EXPECT_EQ(timed_disconnect().status, CWB_DIS_TIMEOUT);
    expect_clean_cycle();
  });
}

/// An event that the driver invents, at a moment of a connection's life.
struct Invention {
  const char* name;
  std::int32_t wifi_event_id;
  std::uint8_t reason = WIFI_REASON_UNSPECIFIED;
};

constexpr Invention kInventions[] = {
    {"Ready", WIFI_EVENT_WIFI_READY},
    {"ScanDone", WIFI_EVENT_SCAN_DONE},
    {"Start", WIFI_EVENT_STA_START},
    {"Stop", WIFI_EVENT_STA_STOP},
    {"Connected", WIFI_EVENT_STA_CONNECTED},
    {"Disconnected", WIFI_EVENT_STA_DISCONNECTED},
    {"OwnLeave", WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_ASSOC_LEAVE},
    {"Unknown", 77},
};

class AnInvention : public DriverFaults,
                    public testing::WithParamInterface<std::tuple<Invention, std::int64_t>> {};

TEST_P(AnInvention, HangsNobodyWhileConnecting) {
  const auto& [invention, when_us] = GetParam();
  device_.world().call_at(when_us, [&invention = invention](simulator::radio::World& world) {
    world.post_spurious(invention.wifi_event_id, invention.reason);
  });
  device_.run([&] {
    (void)timed_connect();
    pass(5 * kSecondUs);
    (void)timed_disconnect();
    expect_clean_cycle();
  });
}

INSTANTIATE_TEST_SUITE_P(AtAnyTime, AnInvention,
                         testing::Combine(testing::ValuesIn(kInventions),
                                          testing::Values(1'000, 30'000, 60'000, 500'000, 1'700'000,
                                                          1'800'000, 3'000'000)),
                         [](const auto& row) {
                           return std::string(std::get<0>(row.param).name) + "At" +
                                  std::to_string(std::get<1>(row.param) / 1000) + "Ms";
                         });

/// With less and less memory free, from a component that has its task and its interface already:
/// making these is refused by ESP-IDF with an assertion.
TEST_F(DriverFaults, WithoutMemoryAreASystemErrorAndLeakNothing) {
  device_.run([&] {
    expect_clean_cycle();
    const Holdings before = device_.holdings();
    auto& heap = device_.session().kernel().scheduler().heap();
    for (std::size_t left = 0; left < 60'000; left += 500) {
      SCOPED_TRACE(std::to_string(left) + " bytes free");
      {
        const simulator::kernel::HeapBlock hog(heap, heap.free_bytes() - left);
        const TimedStatus call = timed_connect();
        EXPECT_TRUE(call.status == CWB_OK || call.status == CWB_SYS_ERR ||
                    call.status == CWB_IP_TIMEOUT)
            << call.status;
        if (call.status == CWB_OK) (void)timed_disconnect();
      }
      EXPECT_EQ(device_.holdings(), before);
    }
    expect_clean_cycle();
  });
}

TEST_F(DriverFaults, WithoutMemoryForTheTaskAreASystemError) {
  device_.run([&] {
    const Holdings before = device_.holdings();
    {
      auto& heap = device_.session().kernel().scheduler().heap();
      const simulator::kernel::HeapBlock hog(heap, heap.free_bytes() - 2'000);
      EXPECT_EQ(timed_connect().status, CWB_SYS_ERR);
      EXPECT_EQ(timed_disconnect().status, CWB_ALREADY_DIS);
    }
    EXPECT_EQ(device_.holdings(), before);
    expect_clean_cycle();
  });
}

}  // namespace
}  // namespace fuota::test
