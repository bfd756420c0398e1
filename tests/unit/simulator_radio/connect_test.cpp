// Connecting (docs/en/api-guides/wifi.rst of v5.5.5, "Wi-Fi Station Connecting Scenario" and
// "Wi-Fi Reason Code").

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

class Connect : public testing::Test {
 protected:
  /// Connects with the configuration that is set; the reason of the refusal, 0 when connected.
  int connect() {
    EXPECT_EQ(esp_wifi_connect(), ESP_OK);
    while (true) {
      if (chip_.events.empty()) {
        vTaskDelay(1);
        continue;
      }
      chip_.last = chip_.events.front();
      chip_.events.erase(chip_.events.begin());
      if (chip_.last.name == "CONNECTED") return 0;
      if (chip_.last.name == "DISCONNECTED") return chip_.last.reason;
    }
  }

  World world_;
  Chip chip_{world_};
};

TEST_F(Connect, TellsWhatItIsConnectedTo) {
  AccessPoint target = access_point();
  target.channel = 11;
  world_.add(target);
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.ssid_len, 8);
    EXPECT_EQ(chip_.last.connected.channel, 11);
    EXPECT_EQ(chip_.last.connected.authmode, WIFI_AUTH_WPA2_PSK);
    wifi_ap_record_t info{};
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&info), ESP_OK);
    EXPECT_EQ(info.primary, 11);
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_sta_get_ap_info.
TEST_F(Connect, HearsTheAccessPointAsItIsNow) {
  AccessPoint target = access_point();
  target.rssi = -61;
  const AccessPointId id = world_.add(target);
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(connect(), 0);
    wifi_ap_record_t info{};
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&info), ESP_OK);
    EXPECT_EQ(info.rssi, -61);
    world_.change(id, [](AccessPoint& now) { now.rssi = -83; });
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&info), ESP_OK);
    EXPECT_EQ(info.rssi, -83);
    world_.change(id, [](AccessPoint& now) {
      now.present = false;
      now.rssi = -90;
    });
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&info), ESP_OK);
    EXPECT_EQ(info.rssi, -83);
  });
}

// esp_wifi/include/esp_wifi_types_generic.h, wifi_sta_config_t: SSIDs of 32 bytes and raw keys fill
// their fields without a terminator.
TEST_F(Connect, TakesFullLengthSsidAndKey) {
  AccessPoint target = access_point(std::string(32, 'S'), std::string(64, 'a'));
  world_.add(target);
  chip_.run([&] {
    chip_.start_station();
    Chip::configure(std::string(32, 'S'), std::string(64, 'A'));
    EXPECT_EQ(connect(), 0);
  });
}

TEST_F(Connect, FindsAHiddenAccessPoint) {
  AccessPoint target = access_point();
  target.hidden = true;
  world_.add(target);
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    EXPECT_EQ(connect(), 0);
  });
}

TEST_F(Connect, NeedsAnSsid) {
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("", "");
    EXPECT_EQ(esp_wifi_connect(), ESP_ERR_WIFI_SSID);
  });
}

TEST_F(Connect, IsRefusedWhileConnectingAndWhileConnected) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    EXPECT_EQ(esp_wifi_connect(), ESP_ERR_WIFI_CONN);
    ASSERT_TRUE(chip_.wait_for("CONNECTED"));
    EXPECT_EQ(esp_wifi_connect(), ESP_ERR_WIFI_CONN);
  });
}

TEST_F(Connect, ForbidsAnotherConfigurationMeanwhile) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    EXPECT_EQ(Chip::try_configure("other", "fuota_password"), ESP_ERR_WIFI_STATE);
    ASSERT_TRUE(chip_.wait_for("CONNECTED"));
    EXPECT_EQ(Chip::try_configure("other", "fuota_password"), ESP_OK);
  });
}

struct ReasonCase {
  const char* name;
  wifi_auth_mode_t authmode;
  const char* given;
  std::int8_t rssi;
  wifi_scan_threshold_t threshold;
  IdfVersion version;
  int reason;
};

class Reason : public testing::TestWithParam<ReasonCase> {};

TEST_P(Reason, IsWhatTheDocumentationSays) {
  const ReasonCase& row = GetParam();
  World world;
  AccessPoint target = access_point();
  target.authmode = row.authmode;
  target.rssi = row.rssi;
  world.add(target);
  Chip chip(world, {DriverBehaviour::of(row.version), {}});
  chip.run([&] {
    chip.start_station();
    Chip::configure("fuota_ap", row.given,
                    [&](wifi_sta_config_t& config) { config.threshold = row.threshold; });
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    if (row.reason == 0) {
      EXPECT_TRUE(chip.wait_for("CONNECTED"));
    } else {
      ASSERT_TRUE(chip.wait_for("DISCONNECTED"));
      EXPECT_EQ(chip.last.reason, row.reason);
    }
  });
}

constexpr IdfVersion kV4 = IdfVersion::v4_4;
constexpr IdfVersion kV5 = IdfVersion::v5_5;
constexpr wifi_scan_threshold_t kNoThreshold = {0, WIFI_AUTH_OPEN};
constexpr wifi_scan_threshold_t kWpa3 = {0, WIFI_AUTH_WPA3_PSK};
constexpr wifi_scan_threshold_t kStrong = {-60, WIFI_AUTH_OPEN};
constexpr wifi_scan_threshold_t kWpa = {0, WIFI_AUTH_WPA_PSK};
constexpr char kRight[] = "fuota_password";
constexpr char kWrong[] = "wrong_password";

INSTANTIATE_TEST_SUITE_P(
    Rows, Reason,
    testing::Values(
        ReasonCase{"Right", WIFI_AUTH_WPA2_PSK, kRight, -50, kNoThreshold, kV5, 0},
        ReasonCase{"WrongPassword", WIFI_AUTH_WPA2_PSK, kWrong, -50, kNoThreshold, kV5, 15},
        ReasonCase{"WrongPasswordWpa3", WIFI_AUTH_WPA3_PSK, kWrong, -50, kNoThreshold, kV5, 202},
        ReasonCase{"NoPassword", WIFI_AUTH_WPA2_PSK, "", -50, kNoThreshold, kV5, 210},
        ReasonCase{"NoPasswordV4", WIFI_AUTH_WPA2_PSK, "", -50, kNoThreshold, kV4, 201},
        ReasonCase{"BelowAuthmode", WIFI_AUTH_WPA2_PSK, kRight, -50, kWpa3, kV5, 211},
        ReasonCase{"BelowAuthmodeV4", WIFI_AUTH_WPA2_PSK, kRight, -50, kWpa3, kV4, 201},
        ReasonCase{"BelowRssi", WIFI_AUTH_WPA2_PSK, kRight, -70, kStrong, kV5, 212},
        ReasonCase{"AboveRssi", WIFI_AUTH_WPA2_PSK, kRight, -50, kStrong, kV5, 0},
        // A password of 8 bytes makes WPA2 the least, unless a threshold says otherwise.
        ReasonCase{"WpaIsTooWeak", WIFI_AUTH_WPA_PSK, kRight, -50, kNoThreshold, kV5, 211},
        ReasonCase{"WpaIfAllowed", WIFI_AUTH_WPA_PSK, kRight, -50, kWpa, kV5, 0},
        // An open access point of the same name.
        ReasonCase{"EvilTwin", WIFI_AUTH_OPEN, kRight, -50, kNoThreshold, kV5, 211},
        ReasonCase{"EvilTwinV4", WIFI_AUTH_OPEN, kRight, -50, kNoThreshold, kV4, 0},
        ReasonCase{"EvilTwinV4WithThreshold", WIFI_AUTH_OPEN, kRight, -50, kWpa, kV4, 201},
        ReasonCase{"Open", WIFI_AUTH_OPEN, "", -50, kNoThreshold, kV5, 0}),
    [](const auto& tested) { return tested.param.name; });

// wifi_event_t in esp_wifi_types_generic.h: WIFI_EVENT_HOME_CHANNEL_CHANGE is not in v4.4. What an
// application doesn't know comes before what it waits for.
TEST(ConnectOnEachVersion, PostsAnUnknownEventSinceV5) {
  for (const IdfVersion version : kernel::all_idf_versions()) {
    World world;
    world.add(access_point());
    Chip chip(world, {DriverBehaviour::of(version), {}});
    chip.run([&] {
      chip.start_station();
      Chip::configure("fuota_ap", "fuota_password");
      ASSERT_EQ(esp_wifi_connect(), ESP_OK);
      while (chip.events.empty()) vTaskDelay(1);
      EXPECT_EQ(chip.events.front().name, version == IdfVersion::v4_4 ? "CONNECTED" : "unknown");
    });
  }
}

TEST_F(Connect, FailsWith201WhenNobodyHasTheSsid) {
  world_.add(access_point("other"));
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    EXPECT_EQ(connect(), WIFI_REASON_NO_AP_FOUND);
  });
}

TEST_F(Connect, FailsWithTheReasonOfTheAccessPointThatRefuses) {
  AccessPoint target = access_point();
  target.refuses_with = WIFI_REASON_ASSOC_TOOMANY;
  world_.add(target);
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    EXPECT_EQ(connect(), WIFI_REASON_ASSOC_TOOMANY);
  });
}

TEST_F(Connect, FailsWithAuthExpireWhenTheAccessPointGoesAwayMeanwhile) {
  const AccessPointId id = world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    // Channel 6 is left after 6 times 120 ms.
    world_.call_at(world_.now_us() + 730 * kMillisecond, [&](World& at) {
      at.change(id, [](AccessPoint& changed) { changed.present = false; });
    });
    EXPECT_EQ(connect(), WIFI_REASON_AUTH_EXPIRE);
  });
}

AccessPoint twin(std::uint8_t channel, std::int8_t rssi) {
  AccessPoint made = access_point();
  made.channel = channel;
  made.rssi = rssi;
  return made;
}

// esp_wifi/include/esp_wifi_types_generic.h, wifi_scan_method_t: a fast scan takes the first match.
TEST_F(Connect, FastScanTakesTheFirstAndAllChannelScanTheStrongest) {
  world_.add(twin(1, -90));
  world_.add(twin(11, -30));
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.channel, 1);
    ASSERT_EQ(esp_wifi_disconnect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    Chip::configure("fuota_ap", "fuota_password",
                    [](wifi_sta_config_t& config) { config.scan_method = WIFI_ALL_CHANNEL_SCAN; });
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.channel, 11);
  });
}

TEST_F(Connect, FastScanBeginsAtTheConfiguredChannel) {
  world_.add(twin(1, -30));
  world_.add(twin(11, -90));
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password",
                    [](wifi_sta_config_t& config) { config.channel = 11; });
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.channel, 11);
  });
}

// "WIFI_EVENT_STA_DISCONNECTED": raised after the station failed to connect to all of them.
TEST_F(Connect, TriesTheNextOfSeveralBeforeItFails) {
  AccessPoint full = twin(11, -30);
  full.refuses_with = WIFI_REASON_ASSOC_TOOMANY;
  world_.add(full);
  world_.add(twin(1, -90));
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password",
                    [](wifi_sta_config_t& config) { config.scan_method = WIFI_ALL_CHANNEL_SCAN; });
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.channel, 1);
    EXPECT_TRUE(chip_.names().empty());
  });
}

TEST_F(Connect, GoesToTheConfiguredBssidOnly) {
  AccessPoint other = twin(1, -30);
  other.bssid[5] = 9;
  world_.add(other);
  world_.add(twin(11, -90));
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password", [](wifi_sta_config_t& config) {
      config.bssid_set = true;
      config.bssid[0] = 0x02;
      config.bssid[5] = 1;
    });
    ASSERT_EQ(connect(), 0);
    EXPECT_EQ(chip_.last.connected.channel, 11);
  });
}

TEST_F(Connect, CanBeGivenUp) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    vTaskDelay(10);
    ASSERT_EQ(esp_wifi_disconnect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    EXPECT_EQ(chip_.last.reason, WIFI_REASON_ASSOC_LEAVE);
    vTaskDelay(1000);
    EXPECT_TRUE(chip_.names().empty());
  });
}

TEST_F(Connect, AbortsAScan) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_scan_start(nullptr, false), ESP_OK);
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("SCAN_DONE"));
    EXPECT_EQ(chip_.last.scan_done.status, 1u);
    EXPECT_TRUE(chip_.wait_for("CONNECTED"));
  });
}

TEST_F(Connect, AThousandTimesTakesNoMemory) {
  world_.add(access_point());
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    const std::size_t before = chip_.session().scheduler().heap().free_bytes();
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(connect(), 0);
      ASSERT_EQ(esp_wifi_disconnect(), ESP_OK);
      ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    }
    vTaskDelay(10);
    EXPECT_EQ(chip_.session().scheduler().heap().free_bytes(), before);
    EXPECT_EQ(chip_.driver().statistics().connections, 1000u);
  });
}

}  // namespace
}  // namespace simulator::radio
