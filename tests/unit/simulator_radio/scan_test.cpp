// Scanning (docs/en/api-guides/wifi.rst of v5.5.5, "Wi-Fi Scan").

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

AccessPoint heard(const std::string& ssid, std::uint8_t channel, std::int8_t rssi) {
  AccessPoint made = access_point(ssid);
  made.channel = channel;
  made.rssi = rssi;
  made.bssid[5] = channel;
  return made;
}

std::vector<std::string> take_ssids(std::uint16_t room = 20) {
  std::vector<wifi_ap_record_t> records(room);
  EXPECT_EQ(esp_wifi_scan_get_ap_records(&room, records.data()), ESP_OK);
  std::vector<std::string> ssids;
  for (std::uint16_t i = 0; i < room; ++i) {
    ssids.emplace_back(reinterpret_cast<char*>(records[i].ssid));
  }
  return ssids;
}

std::uint16_t ap_num() {
  std::uint16_t number = 99;
  EXPECT_EQ(esp_wifi_scan_get_ap_num(&number), ESP_OK);
  return number;
}

class ScanTest : public testing::Test {
 protected:
  World world_;
  Chip chip_{world_};
};

TEST_F(ScanTest, GivesRecordsTheStrongestFirst) {
  world_.add(heard("weak", 1, -90));
  world_.add(heard("strong", 11, -30));
  world_.add(heard("middle", 6, -60));
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("strong", "middle", "weak"));
  });
}

TEST_F(ScanTest, FillsARecord) {
  AccessPoint full = heard(std::string(32, 's'), 9, -42);
  full.authmode = WIFI_AUTH_WPA_WPA2_PSK;
  world_.add(full);
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    wifi_ap_record_t record{};
    std::uint16_t number = 1;
    ASSERT_EQ(esp_wifi_scan_get_ap_records(&number, &record), ESP_OK);
    EXPECT_STREQ(reinterpret_cast<char*>(record.ssid), std::string(32, 's').c_str());
    EXPECT_EQ(record.primary, 9);
    EXPECT_EQ(record.rssi, -42);
    EXPECT_EQ(record.authmode, WIFI_AUTH_WPA_WPA2_PSK);
    EXPECT_EQ(record.pairwise_cipher, WIFI_CIPHER_TYPE_TKIP_CCMP);
    EXPECT_EQ(record.bssid[5], 9);
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_scan_get_ap_records: frees all, also when fewer were asked
// for.
TEST_F(ScanTest, TakingSomeRecordsFreesAll) {
  world_.add(heard("a", 1, -40));
  world_.add(heard("b", 2, -50));
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_EQ(ap_num(), 2);
    EXPECT_THAT(take_ssids(1), testing::ElementsAre("a"));
    EXPECT_EQ(ap_num(), 0);
    EXPECT_TRUE(take_ssids().empty());
    EXPECT_EQ(chip_.driver().scan_records_held(), 0u);
    EXPECT_EQ(chip_.driver().statistics().scan_lists_leaked, 0u);
  });
}

TEST_F(ScanTest, ClearingFreesAll) {
  world_.add(heard("a", 1, -40));
  chip_.run([&] {
    chip_.start_station();
    const std::size_t before = chip_.session().scheduler().heap().free_bytes();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_LT(chip_.session().scheduler().heap().free_bytes(), before);
    EXPECT_EQ(esp_wifi_clear_ap_list(), ESP_OK);
    EXPECT_EQ(ap_num(), 0);
    EXPECT_EQ(chip_.session().scheduler().heap().free_bytes(), before);
  });
}

TEST_F(ScanTest, AListThatIsNeverTakenIsCountedAsALeak) {
  world_.add(heard("a", 1, -40));
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_EQ(chip_.driver().statistics().scan_lists_leaked, 1u);
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    ASSERT_EQ(esp_wifi_deinit(), ESP_OK);
    EXPECT_EQ(chip_.driver().statistics().scan_lists_leaked, 2u);
  });
}

TEST_F(ScanTest, RefusesRecordsWithoutRoom) {
  world_.add(heard("a", 1, -40));
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    wifi_ap_record_t record{};
    std::uint16_t none = 0;
    EXPECT_EQ(esp_wifi_scan_get_ap_records(&none, &record), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_wifi_scan_get_ap_records(nullptr, &record), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(ap_num(), 1);
  });
}

struct TimeCase {
  const char* name;
  wifi_scan_type_t type;
  std::uint32_t min_ms;
  std::uint32_t max_ms;
  std::uint32_t passive_ms;
  std::int64_t expected_ms;  ///< 13 channels, of which one has an access point
};

class ScanTime : public testing::TestWithParam<TimeCase> {};

// "Scan Configuration" in wifi.rst.
TEST_P(ScanTime, FollowsFromTheDwellTimes) {
  const TimeCase& row = GetParam();
  World world;
  world.add(heard("a", 3, -40));
  Chip chip(world);
  chip.run([&] {
    chip.start_station();
    wifi_scan_config_t config{};
    config.scan_type = row.type;
    config.scan_time.active = {row.min_ms, row.max_ms};
    config.scan_time.passive = row.passive_ms;
    const std::int64_t start_us = chip.now_us();
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_NEAR(static_cast<double>(chip.now_us() - start_us) / kMillisecond,
                static_cast<double>(row.expected_ms), 5);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ScanTime,
    testing::Values(TimeCase{"Default", WIFI_SCAN_TYPE_ACTIVE, 0, 0, 0, 13 * 120},
                    TimeCase{"MinOnly", WIFI_SCAN_TYPE_ACTIVE, 50, 0, 0, 13 * 120},
                    TimeCase{"MaxOnly", WIFI_SCAN_TYPE_ACTIVE, 0, 200, 0, 13 * 200},
                    TimeCase{"Both", WIFI_SCAN_TYPE_ACTIVE, 50, 200, 0, 12 * 50 + 200},
                    TimeCase{"Passive", WIFI_SCAN_TYPE_PASSIVE, 0, 0, 0, 13 * 360},
                    TimeCase{"PassiveTime", WIFI_SCAN_TYPE_PASSIVE, 0, 0, 100, 13 * 100}),
    [](const auto& tested) { return tested.param.name; });

// esp_wifi/include/esp_wifi.h, esp_wifi_scan_start.
TEST_F(ScanTest, RefusesTimesAbove1500MsAndChannelsAbove14) {
  chip_.run([&] {
    chip_.start_station();
    wifi_scan_config_t config{};
    config.scan_time.active.max = 1501;
    EXPECT_EQ(esp_wifi_scan_start(&config, true), ESP_ERR_INVALID_ARG);
    config = {};
    config.channel = 15;
    EXPECT_EQ(esp_wifi_scan_start(&config, true), ESP_ERR_INVALID_ARG);
  });
}

TEST_F(ScanTest, FindsOnlyTheChannelSsidOrBssidAskedFor) {
  world_.add(heard("a", 1, -40));
  world_.add(heard("b", 2, -50));
  world_.add(heard("b", 3, -60));
  chip_.run([&] {
    chip_.start_station();
    wifi_scan_config_t config{};
    config.channel = 1;
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("a"));
    config = {};
    std::uint8_t ssid[] = "b";
    config.ssid = ssid;
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("b", "b"));
    config = {};
    std::uint8_t bssid[] = {0x02, 0, 0, 0, 0, 2};
    config.bssid = bssid;
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("b"));
  });
}

TEST_F(ScanTest, TellsOfHiddenAccessPointsOnlyWhenAsked) {
  AccessPoint hidden = heard("secret", 1, -40);
  hidden.hidden = true;
  world_.add(hidden);
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_EQ(ap_num(), 0);
    wifi_scan_config_t config{};
    config.show_hidden = true;
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre(""));
    std::uint8_t ssid[] = "secret";
    config.ssid = ssid;
    ASSERT_EQ(esp_wifi_scan_start(&config, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("secret"));
  });
}

// "Scan in Blocked Mode": no event.
TEST_F(ScanTest, ABlockingScanPostsNoEvent) {
  world_.add(heard("a", 1, -40));
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    vTaskDelay(100);
    EXPECT_TRUE(chip_.events.empty());
    EXPECT_EQ(esp_wifi_clear_ap_list(), ESP_OK);
  });
}

TEST_F(ScanTest, AScanThatDoesNotBlockPostsScanDone) {
  world_.add(heard("a", 1, -40));
  chip_.run([&] {
    chip_.start_station();
    const std::int64_t start_us = chip_.now_us();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, false), ESP_OK);
    EXPECT_LT(chip_.now_us() - start_us, kMillisecond);
    ASSERT_TRUE(chip_.wait_for("SCAN_DONE"));
    EXPECT_EQ(chip_.last.scan_done.status, 0u);
    EXPECT_EQ(chip_.last.scan_done.number, 1u);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("a"));
  });
}

TEST_F(ScanTest, StoppingAScanPostsScanDoneWithAFailure) {
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, false), ESP_OK);
    ASSERT_EQ(esp_wifi_scan_stop(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("SCAN_DONE"));
    EXPECT_EQ(chip_.last.scan_done.status, 1u);
  });
}

// "WIFI_EVENT_SCAN_DONE": a new scan overrides the current one.
TEST_F(ScanTest, ANewScanEndsTheOneThatRuns) {
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, false), ESP_OK);
    ASSERT_EQ(esp_wifi_scan_start(nullptr, false), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("SCAN_DONE"));
    EXPECT_EQ(chip_.last.scan_done.status, 1u);
    ASSERT_TRUE(chip_.wait_for("SCAN_DONE"));
    EXPECT_EQ(chip_.last.scan_done.status, 0u);
  });
}

TEST_F(ScanTest, StoppingTheDriverReleasesABlockingScan) {
  chip_.run([&] {
    chip_.start_station();
    chip_.session().scheduler().spawn("stopper", 4096, 1, [] {
      vTaskDelay(10);
      EXPECT_EQ(esp_wifi_stop(), ESP_OK);
    });
    EXPECT_EQ(esp_wifi_scan_start(nullptr, true), ESP_FAIL);
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_scan_start.
TEST_F(ScanTest, IsRefusedWhileConnecting) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    EXPECT_EQ(esp_wifi_scan_start(nullptr, true), ESP_ERR_WIFI_STATE);
    EXPECT_EQ(esp_wifi_scan_stop(), ESP_ERR_WIFI_STATE);
  });
}

// "Background Scan": 30 ms on the home channel between two channels.
TEST_F(ScanTest, TakesLongerWhileConnectedAndKeepsTheConnection) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("CONNECTED"));
    const std::int64_t start_us = chip_.now_us();
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_NEAR(static_cast<double>(chip_.now_us() - start_us), 13 * 150 * kMillisecond, 1000);
    EXPECT_TRUE(chip_.driver().connected_to().has_value());
    EXPECT_EQ(esp_wifi_clear_ap_list(), ESP_OK);
  });
}

TEST_F(ScanTest, HearsOnlyWhoIsThereWhenItsChannelIsListenedTo) {
  const AccessPointId id = world_.add(heard("late", 13, -40));
  world_.change(id, [](AccessPoint& changed) { changed.present = false; });
  chip_.run([&] {
    chip_.start_station();
    world_.call_at(world_.now_us() + 500 * kMillisecond, [&](World& at) {
      at.change(id, [](AccessPoint& changed) { changed.present = true; });
    });
    ASSERT_EQ(esp_wifi_scan_start(nullptr, true), ESP_OK);
    EXPECT_THAT(take_ssids(), testing::ElementsAre("late"));
  });
}

}  // namespace
}  // namespace simulator::radio
