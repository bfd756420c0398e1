// The driver's states and error codes (esp_wifi/include/esp_wifi.h).

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

wifi_init_config_t defaults() {
  return WIFI_INIT_CONFIG_DEFAULT();
}

class DriverStates : public testing::Test {
 protected:
  World world_;
  Chip chip_{world_};
};

TEST_F(DriverStates, NothingWorksBeforeInit) {
  chip_.run([] {
    wifi_mode_t mode{};
    wifi_ps_type_t power_save{};
    wifi_config_t config{};
    std::uint16_t number = 1;
    wifi_ap_record_t record{};
    EXPECT_EQ(esp_wifi_deinit(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_start(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_stop(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_connect(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_disconnect(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_set_mode(WIFI_MODE_STA), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_get_mode(&mode), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_set_config(WIFI_IF_STA, &config), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_get_config(WIFI_IF_STA, &config), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_set_storage(WIFI_STORAGE_RAM), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_set_ps(WIFI_PS_NONE), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_get_ps(&power_save), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_scan_start(nullptr, true), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_scan_stop(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_scan_get_ap_num(&number), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_scan_get_ap_records(&number, &record), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_clear_ap_list(), ESP_ERR_WIFI_NOT_INIT);
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&record), ESP_ERR_WIFI_NOT_INIT);
  });
}

TEST_F(DriverStates, WhatNeedsTheRadioNeedsStart) {
  chip_.run([] {
    wifi_init_config_t config = defaults();
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    std::uint16_t number = 1;
    wifi_ap_record_t record{};
    EXPECT_EQ(esp_wifi_connect(), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_disconnect(), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_scan_start(nullptr, true), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_scan_stop(), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_scan_get_ap_num(&number), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_scan_get_ap_records(&number, &record), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_clear_ap_list(), ESP_ERR_WIFI_NOT_STARTED);
    EXPECT_EQ(esp_wifi_sta_get_ap_info(&record), ESP_ERR_WIFI_CONN);
  });
}

TEST_F(DriverStates, InitChecksTheMagic) {
  chip_.run([] {
    wifi_init_config_t config = defaults();
    config.magic = 0;
    EXPECT_EQ(esp_wifi_init(&config), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_wifi_init(nullptr), ESP_ERR_INVALID_ARG);
  });
}

// esp_wifi/src/wifi_init.c, esp_wifi_init, of v4.4.4 and v5.5.5.
TEST_F(DriverStates, ASecondInitIsFineAndHasNoEffect) {
  chip_.run([&] {
    wifi_init_config_t config = defaults();
    EXPECT_EQ(esp_wifi_init(&config), ESP_OK);
    EXPECT_EQ(esp_wifi_init(&config), ESP_OK);
    EXPECT_EQ(chip_.driver().statistics().inits, 1u);
  });
}

// esp_wifi/src/wifi_init.c, esp_wifi_init, of v6.0.2.
TEST(DriverStatesInV6, ASecondInitIsAnInvalidState) {
  World world;
  Chip chip(world, {DriverBehaviour::of(IdfVersion::v6_0), {}});
  chip.run([&] {
    wifi_init_config_t config = defaults();
    EXPECT_EQ(esp_wifi_init(&config), ESP_OK);
    EXPECT_EQ(esp_wifi_init(&config), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(chip.driver().statistics().inits, 1u);
  });
}

TEST_F(DriverStates, DeinitNeedsStop) {
  chip_.run([] {
    wifi_init_config_t config = defaults();
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    ASSERT_EQ(esp_wifi_start(), ESP_OK);
    EXPECT_EQ(esp_wifi_deinit(), ESP_ERR_WIFI_NOT_STOPPED);
    EXPECT_EQ(esp_wifi_stop(), ESP_OK);
    EXPECT_EQ(esp_wifi_deinit(), ESP_OK);
    EXPECT_EQ(esp_wifi_deinit(), ESP_ERR_WIFI_NOT_INIT);
  });
}

TEST_F(DriverStates, StationIsTheModeAfterInit) {
  chip_.run([] {
    wifi_init_config_t config = defaults();
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    wifi_mode_t mode{};
    EXPECT_EQ(esp_wifi_get_mode(&mode), ESP_OK);
    EXPECT_EQ(mode, WIFI_MODE_STA);
    EXPECT_EQ(esp_wifi_get_mode(nullptr), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_wifi_set_mode(WIFI_MODE_APSTA), ESP_ERR_NOT_SUPPORTED);
  });
}

TEST_F(DriverStates, ConfigIsKeptUntilDeinit) {
  chip_.run([] {
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    Chip::configure("net", "password");
    wifi_config_t config{};
    EXPECT_EQ(esp_wifi_get_config(WIFI_IF_STA, &config), ESP_OK);
    EXPECT_STREQ(reinterpret_cast<char*>(config.sta.ssid), "net");
    EXPECT_EQ(esp_wifi_get_config(WIFI_IF_AP, &config), ESP_ERR_WIFI_IF);
    EXPECT_EQ(esp_wifi_set_config(WIFI_IF_STA, nullptr), ESP_ERR_INVALID_ARG);
    ASSERT_EQ(esp_wifi_set_mode(WIFI_MODE_NULL), ESP_OK);
    EXPECT_EQ(esp_wifi_set_config(WIFI_IF_STA, &config), ESP_ERR_WIFI_MODE);
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_set_config: a password of 64 bytes is a raw key.
TEST_F(DriverStates, APasswordOf64BytesMustBeAKey) {
  chip_.run([] {
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    EXPECT_EQ(Chip::try_configure("net", std::string(64, 'a')), ESP_OK);
    EXPECT_EQ(Chip::try_configure("net", std::string(64, 'z')), ESP_ERR_WIFI_PASSWORD);
  });
}

// esp_wifi/include/esp_wifi.h, esp_wifi_set_storage: without WIFI_STORAGE_RAM each configuration is
// written to flash.
TEST_F(DriverStates, CountsConfigurationsThatWearTheFlash) {
  chip_.run([&] {
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    Chip::configure("net", "password");
    EXPECT_EQ(chip_.driver().statistics().flash_writes, 1u);
    ASSERT_EQ(esp_wifi_set_storage(WIFI_STORAGE_RAM), ESP_OK);
    Chip::configure("net", "password");
    EXPECT_EQ(chip_.driver().statistics().flash_writes, 1u);
  });
}

// docs/en/api-guides/wifi.rst, "Wi-Fi Power-saving Mode".
TEST_F(DriverStates, PowerSaveIsMinModemAfterInit) {
  chip_.run([] {
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    wifi_ps_type_t type{};
    EXPECT_EQ(esp_wifi_get_ps(&type), ESP_OK);
    EXPECT_EQ(type, WIFI_PS_MIN_MODEM);
    EXPECT_EQ(esp_wifi_set_ps(WIFI_PS_NONE), ESP_OK);
    EXPECT_EQ(esp_wifi_get_ps(&type), ESP_OK);
    EXPECT_EQ(type, WIFI_PS_NONE);
  });
}

// docs/en/api-guides/wifi.rst, "Wi-Fi Programming Model": events come asynchronously.
TEST_F(DriverStates, StartAndStopPostTheirEventsLater) {
  chip_.run([&] {
    ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
    chip_.listen();
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    ASSERT_EQ(esp_wifi_start(), ESP_OK);
    EXPECT_TRUE(chip_.events.empty());
    EXPECT_TRUE(chip_.wait_for("START", kSecond));
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    EXPECT_TRUE(chip_.events.empty());
    EXPECT_TRUE(chip_.wait_for("STOP", kSecond));
  });
}

TEST_F(DriverStates, StartAndStopAgainPostNothing) {
  chip_.run([&] {
    chip_.start_station();
    EXPECT_EQ(esp_wifi_start(), ESP_OK);
    vTaskDelay(100);
    EXPECT_TRUE(chip_.events.empty());
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("STOP"));
    EXPECT_EQ(esp_wifi_stop(), ESP_OK);
    vTaskDelay(100);
    EXPECT_TRUE(chip_.events.empty());
  });
}

TEST_F(DriverStates, EventsOnTheirWayArriveAfterDeinit) {
  chip_.run([&] {
    chip_.start_station();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    ASSERT_EQ(esp_wifi_deinit(), ESP_OK);
    EXPECT_TRUE(chip_.wait_for("STOP", kSecond));
  });
}

TEST(DriverMemory, IsTakenByInitAndGivenBackByDeinit) {
  World world;
  Chip chip(world);
  chip.run([&] {
    const std::size_t before = chip.session().scheduler().heap().free_bytes();
    wifi_init_config_t init = defaults();
    ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
    EXPECT_LT(chip.session().scheduler().heap().free_bytes(), before - 40'000);
    ASSERT_EQ(esp_wifi_deinit(), ESP_OK);
    EXPECT_EQ(chip.session().scheduler().heap().free_bytes(), before);
  });
}

TEST(DriverMemory, InitFailsWithoutIt) {
  World world;
  Chip chip(world, {}, 40'000);
  chip.run([] {
    wifi_init_config_t init = defaults();
    EXPECT_EQ(esp_wifi_init(&init), ESP_ERR_NO_MEM);
  });
}

}  // namespace
}  // namespace simulator::radio
