// Losing the connection (docs/en/api-guides/wifi.rst of v5.5.5, "WIFI_EVENT_STA_DISCONNECTED").

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

class LinkLossTest : public testing::Test {
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

TEST_F(LinkLossTest, OurOwnDisconnectIsReason8) {
  chip_.run([&] {
    connect();
    ASSERT_EQ(esp_wifi_disconnect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_ASSOC_LEAVE);
    wifi_ap_record_t info{};
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&info), ESP_ERR_WIFI_NOT_CONNECT);
  });
}

TEST_F(LinkLossTest, DisconnectWithoutAConnectionIsSilent) {
  chip_.run([&] {
    chip_.start_station();
    EXPECT_EQ(esp_wifi_disconnect(), ESP_OK);
    vTaskDelay(100);
    EXPECT_TRUE(chip_.names().empty());
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_stop: DISCONNECTED and STOP.
TEST_F(LinkLossTest, StopWhileConnectedDisconnectsFirst) {
  chip_.run([&] {
    connect();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    vTaskDelay(10);
    EXPECT_THAT(chip_.names(), testing::ElementsAre("DISCONNECTED", "STOP"));
  });
}

TEST_F(LinkLossTest, AnAccessPointThatVanishesIsMissedAfterSixSeconds) {
  chip_.run([&] {
    connect();
    const std::int64_t gone_us = chip_.now_us();
    world_.change(id_, [](AccessPoint& changed) { changed.present = false; });
    EXPECT_FALSE(chip_.driver().frames_pass());
    EXPECT_TRUE(chip_.driver().connected_to().has_value());
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_BEACON_TIMEOUT);
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - gone_us), 6 * kSecond, 20 * kMillisecond);
  });
}

TEST_F(LinkLossTest, AnAccessPointThatComesBackInTimeIsNotMissed) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    world_.change(id_, [](AccessPoint& changed) { changed.present = false; });
    vTaskDelay(pdMS_TO_TICKS(5000));
    world_.change(id_, [](AccessPoint& changed) { changed.present = true; });
    vTaskDelay(pdMS_TO_TICKS(10000));
    EXPECT_TRUE(chip_.names().empty());
    EXPECT_TRUE(chip_.driver().frames_pass());
  });
}

TEST_F(LinkLossTest, TheAccessPointCanSendTheStationAway) {
  chip_.run([&] {
    connect();
    world_.kick(id_, WIFI_REASON_AUTH_EXPIRE);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_AUTH_EXPIRE);
  });
}

TEST_F(LinkLossTest, CanBePlannedForEachConnection) {
  world_.change(id_, [](AccessPoint& changed) {
    changed.link_loss = LinkLoss{3 * kSecond, WIFI_REASON_ASSOC_NOT_AUTHED};
  });
  chip_.run([&] {
    connect();
    const std::int64_t connected_us = chip_.last.at_us;
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_ASSOC_NOT_AUTHED);
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - connected_us), 3 * kSecond,
                20 * kMillisecond);
  });
}

TEST_F(LinkLossTest, IsReportedToTheLinkListener) {
  int changes = 0;
  chip_.driver().set_link_listener([&] { ++changes; });
  chip_.run([&] {
    connect();
    EXPECT_EQ(changes, 1);
    world_.change(id_, [](AccessPoint& changed) { changed.present = false; });
    EXPECT_EQ(changes, 2);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(changes, 3);
  });
}

}  // namespace
}  // namespace simulator::radio
