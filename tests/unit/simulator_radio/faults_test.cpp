#include "simulator/radio/faults.hpp"

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

constexpr EventKind kDisconnected{EventSource::wifi, WIFI_EVENT_STA_DISCONNECTED};
constexpr EventKind kStop{EventSource::wifi, WIFI_EVENT_STA_STOP};
constexpr EventKind kGotIp{EventSource::ip, IP_EVENT_STA_GOT_IP};

TEST(Faults, FailTheNthCallOfAFunctionOnce) {
  Faults faults;
  faults.fail_call("esp_wifi_connect", 2, ESP_ERR_WIFI_CONN);
  EXPECT_EQ(faults.on_call("esp_wifi_connect"), std::nullopt);
  EXPECT_EQ(faults.on_call("esp_wifi_start"), std::nullopt);
  EXPECT_EQ(faults.on_call("esp_wifi_connect"), ESP_ERR_WIFI_CONN);
  EXPECT_EQ(faults.on_call("esp_wifi_connect"), std::nullopt);
  EXPECT_EQ(faults.calls(), 4u);
}

TEST(Faults, FailTheNthCallOfAnyFunction) {
  Faults faults;
  faults.fail_call("", 3, ESP_FAIL);
  EXPECT_EQ(faults.on_call("a"), std::nullopt);
  EXPECT_EQ(faults.on_call("b"), std::nullopt);
  EXPECT_EQ(faults.on_call("c"), ESP_FAIL);
  EXPECT_EQ(faults.on_call("d"), std::nullopt);
}

TEST(Faults, FailEveryCall) {
  Faults faults;
  faults.fail_call("a", Faults::kEvery, ESP_FAIL);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(faults.on_call("a"), ESP_FAIL);
  faults.clear();
  EXPECT_EQ(faults.on_call("a"), std::nullopt);
}

TEST(Faults, AreTheSameForTheSameSeed) {
  const auto draw = [](std::uint64_t seed) {
    Faults faults;
    faults.randomize(seed, {100, 100, 100, 100, 1000, ESP_FAIL});
    std::vector<std::int64_t> drawn;
    for (int i = 0; i < 200; ++i) {
      drawn.push_back(faults.on_call("a").value_or(ESP_OK));
      const EventFate fate = faults.on_event(kStop);
      drawn.push_back(fate.copies);
      drawn.push_back(fate.delay_us);
    }
    return drawn;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
}

class InjectedFaults : public testing::Test {
 protected:
  void connect() {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("CONNECTED"));
  }

  World world_;
  AccessPointId id_ = world_.add(access_point());
  Chip chip_{world_};
};

TEST_F(InjectedFaults, AFailedCallHasNoEffect) {
  world_.faults().fail_call("esp_wifi_init", 1, ESP_ERR_NO_MEM);
  chip_.run([&] {
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    EXPECT_EQ(esp_wifi_init(&config), ESP_ERR_NO_MEM);
    EXPECT_FALSE(chip_.driver().installed());
    EXPECT_EQ(esp_wifi_init(&config), ESP_OK);
  });
}

TEST_F(InjectedFaults, AnEventCanBeLost) {
  world_.faults().set_fate(kStop, 1, {0});
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    EXPECT_FALSE(chip_.wait_for("STOP"));
  });
}

TEST_F(InjectedFaults, AnEventCanComeTwice) {
  world_.faults().set_fate(kGotIp, 1, {2, 0, kSecond});
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    const std::int64_t first_us = chip_.last.at_us;
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - first_us), kSecond, kMillisecond);
  });
}

// docs/en/api-guides/wifi.rst, "Wi-Fi Programming Model", promises no order: DISCONNECTED may come
// behind STOP.
TEST_F(InjectedFaults, ALateEventIsOvertaken) {
  world_.faults().set_fate(kDisconnected, 1, {1, kSecond});
  chip_.run([&] {
    connect();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    vTaskDelay(pdMS_TO_TICKS(2000));
    EXPECT_THAT(chip_.names(), testing::ElementsAre("STOP", "DISCONNECTED"));
  });
}

TEST_F(InjectedFaults, AnEventCanComeForNoReason) {
  chip_.run([&] {
    chip_.start_station();
    world_.post_spurious(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_ROAMING);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_ROAMING);
    world_.post_spurious(WIFI_EVENT_STA_STOP);
    EXPECT_TRUE(chip_.wait_for("STOP"));
  });
}

// A full event queue makes the Wi-Fi driver wait; nothing is lost.
TEST_F(InjectedFaults, EventsWaitForRoomInTheLoop) {
  chip_.run([&] {
    chip_.start_station();
    const esp_event_base_t other = "OTHER";
    esp_event_handler_instance_register(
        other, 1, [](void*, esp_event_base_t, std::int32_t, void*) { vTaskDelay(100); }, nullptr,
        nullptr);
    for (int i = 0; i < 33; ++i) EXPECT_EQ(esp_event_post(other, 1, nullptr, 0, 0), ESP_OK);
    EXPECT_EQ(esp_event_post(other, 1, nullptr, 0, 0), ESP_ERR_TIMEOUT);
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    EXPECT_TRUE(chip_.wait_for("STOP"));
  });
}

}  // namespace
}  // namespace simulator::radio
