#include <vector>

#include "tests/simulation/wifi/wifi_device.hpp"

/// Who calls conn_wifi_b: several tasks at once, and again after its end.
namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;

constexpr std::uint32_t kCallerStackBytes = 4096;
constexpr UBaseType_t kCallerPriority = 1;

/// A task of its own that runs `body` once.
class Caller {
 public:
  explicit Caller(std::function<void()> body, UBaseType_t priority = kCallerPriority)
      : body_(std::move(body)) {
    EXPECT_EQ(xTaskCreate(&run, "caller", kCallerStackBytes, this, priority, nullptr), pdPASS);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  /// Blocks until the body has returned.
  void join() {
    while (!returned_) vTaskDelay(1);
  }

 private:
  static void run(void* caller) {
    auto& self = *static_cast<Caller*>(caller);
    self.body_();
    self.returned_ = true;
    vTaskDelete(nullptr);
  }

  std::function<void()> body_;
  bool returned_ = false;
};

class CallersWithSeed : public testing::TestWithParam<std::uint64_t> {
 protected:
  CallersWithSeed() : device_(options()) { device_.world().add(secured_access_point()); }

  static TestBoard::Options options() {
    TestBoard::Options options;
    options.board.seed = GetParam();
    return options;
  }

  WifiDevice device_;
};

TEST_P(CallersWithSeed, ThatConnectAtOnceAreServedOneAfterTheOther) {
  device_.run([&] {
    cwb_status_t first = CWB_SYS_ERR;
    cwb_status_t second = CWB_SYS_ERR;
    Caller a([&] { first = connect(); });
    Caller b([&] { second = connect(); });
    a.join();
    b.join();
    EXPECT_THAT((std::vector{first, second}),
                testing::UnorderedElementsAre(CWB_OK, CWB_ALREADY_CON));
  });
}

TEST_P(CallersWithSeed, ThatConnectAndDisconnectAtOnceGetAnswersThatFitTogether) {
  device_.run([&] {
    cwb_status_t connected = CWB_SYS_ERR;
    cwb_status_t disconnected = CWB_SYS_ERR;
    Caller a([&] { connected = connect(); });
    Caller b([&] { disconnected = cwb_disconnect_b(); });
    a.join();
    b.join();
    EXPECT_EQ(connected, CWB_OK);
    EXPECT_EQ(disconnected, device_.has_address() ? CWB_ALREADY_DIS : CWB_OK);
  });
}

TEST_P(CallersWithSeed, FromManyTasksAllGetTheirAnswers) {
  device_.run([&] {
    constexpr int kCalls = 20;
    unsigned wrong = 0;
    const auto call = [&] {
      for (int i = 0; i < kCalls; ++i) {
        const cwb_status_t in = connect();
        if (in != CWB_OK && in != CWB_ALREADY_CON) ++wrong;
        const cwb_status_t out = cwb_disconnect_b();
        if (out != CWB_OK && out != CWB_ALREADY_DIS) ++wrong;
      }
    };
    Caller a(call);
    Caller b(call);
    Caller c(call, kCallerPriority + 1);
    Caller d(call, kCallerPriority + 10);
    for (Caller* caller : {&a, &b, &c, &d}) caller->join();
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(connect(), CWB_OK);
  });
}

INSTANTIATE_TEST_SUITE_P(Order, CallersWithSeed, testing::Range<std::uint64_t>(1, 11));

TEST(ACaller, IsServedWithinItsBoundWhileAnotherWaitsForAnAddress) {
  WifiDevice device;
  const AccessPointId access_point = device.world().add(secured_access_point());
  device.world().change(access_point, [](AccessPoint& ap) { ap.dhcp.answers = false; });
  device.run([&] {
    Caller other([] { EXPECT_EQ(connect(kSsid, kPassword, 60'000), CWB_IP_TIMEOUT); });
    pass(kSecondUs);
    const TimedStatus call = timed([] { return connect(); });
    EXPECT_EQ(call.status, CWB_IP_TIMEOUT);
    EXPECT_LE(call.duration_us, 60 * kSecondUs + 2 * kConnectBoundUs + 10 * kSecondUs);
    other.join();
  });
}

class Deinit : public testing::Test {
 protected:
  WifiDevice device_;
  AccessPointId access_point_ = device_.world().add(secured_access_point());
};

TEST_F(Deinit, GivesEverythingBack) {
  device_.run([&] {
    const Holdings before = device_.holdings();
    ASSERT_EQ(connect(), CWB_OK);
    ASSERT_EQ(cwb_disconnect_b(), CWB_OK);
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    EXPECT_EQ(device_.holdings(), before);
  });
}

TEST_F(Deinit, LeavesTheAccessPointFirst) {
  device_.run([&] {
    const Holdings before = device_.holdings();
    ASSERT_EQ(connect(), CWB_OK);
    const TimedStatus call = timed(&cwb_deinit_b);
    EXPECT_EQ(call.status, CWB_OK);
    EXPECT_LE(call.duration_us, kDeinitBoundUs);
    EXPECT_EQ(device_.holdings(), before);
  });
}

TEST_F(Deinit, HasNothingToDoBeforeTheFirstConnectionOrTwice) {
  device_.run([&] {
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    EXPECT_EQ(cwb_disconnect_b(), CWB_ALREADY_DIS);
  });
}

TEST_F(Deinit, AllowsToBeginAnew) {
  device_.run([&] {
    const Holdings before = device_.holdings();
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(connect(), CWB_OK) << i;
      ASSERT_EQ(cwb_deinit_b(), CWB_OK) << i;
    }
    EXPECT_EQ(device_.holdings(), before);
  });
}

TEST_F(Deinit, WaitsForTheStopAfterALostLink) {
  simulator::radio::EventFate late;
  late.delay_us = 2 * kSecondUs;
  device_.faults().set_fate({simulator::radio::EventSource::wifi, WIFI_EVENT_STA_STOP}, 1, late);
  device_.run([&] {
    const Holdings before = device_.holdings();
    ASSERT_EQ(connect(), CWB_OK);
    device_.world().kick(access_point_, WIFI_REASON_AUTH_LEAVE);
    pass(100 * kMillisecondUs);
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    EXPECT_EQ(device_.holdings(), before);
    pass(10 * kSecondUs);
    EXPECT_EQ(connect(), CWB_OK);
  });
}

TEST_F(Deinit, GivesEverythingBackFromADriverThatDoesNotAnswer) {
  for (const std::int32_t id : {WIFI_EVENT_STA_STOP, WIFI_EVENT_STA_DISCONNECTED}) {
    device_.faults().set_fate({simulator::radio::EventSource::wifi, id},
                              simulator::radio::Faults::kEvery, {0, 0, 0});
  }
  device_.run([&] {
    const Holdings before = device_.holdings();
    ASSERT_EQ(connect(), CWB_OK);
    const TimedStatus call = timed(&cwb_deinit_b);
    EXPECT_EQ(call.status, CWB_OK);
    EXPECT_LE(call.duration_us, kDeinitBoundUs);
    EXPECT_EQ(device_.holdings(), before);
  });
}

}  // namespace
}  // namespace fuota::test
