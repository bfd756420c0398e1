// Modem sleep (docs/en/api-guides/wifi.rst of ESP-IDF, "Wi-Fi Power-saving Mode").

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

constexpr std::int64_t kBeacon = 102'400;

struct SleepCase {
  const char* name;
  wifi_ps_type_t type;
  std::uint16_t listen_interval;
  std::int64_t hears_every_us;
};

class ModemSleep : public testing::TestWithParam<SleepCase> {};

TEST_P(ModemSleep, LetsTheStationHearAtBeacons) {
  const SleepCase& row = GetParam();
  World world;
  world.add(access_point());
  Chip chip(world);
  chip.run([&] {
    chip.start_station();
    Chip::configure("fuota_ap", "fuota_password", [&](wifi_sta_config_t& config) {
      config.listen_interval = row.listen_interval;
    });
    ASSERT_EQ(esp_wifi_set_ps(row.type), ESP_OK);
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip.wait_for("CONNECTED"));
    const std::int64_t beacon = 6 * kBeacon;
    EXPECT_EQ(chip.driver().hears_at_us(beacon), beacon);
    EXPECT_EQ(chip.driver().hears_at_us(beacon + 1), beacon + row.hears_every_us);
  });
}

INSTANTIATE_TEST_SUITE_P(Rows, ModemSleep,
                         testing::Values(SleepCase{"Off", WIFI_PS_NONE, 0, 1},
                                         SleepCase{"Minimum", WIFI_PS_MIN_MODEM, 5, kBeacon},
                                         SleepCase{"Maximum", WIFI_PS_MAX_MODEM, 0, 3 * kBeacon},
                                         SleepCase{"MaximumWithAnInterval", WIFI_PS_MAX_MODEM, 2,
                                                   2 * kBeacon}),
                         [](const auto& tested) { return tested.param.name; });

TEST(PowerSave, OnlyAConnectedStationSleeps) {
  World world;
  world.add(access_point());
  Chip chip(world);
  chip.run([&] {
    chip.start_station();
    EXPECT_EQ(chip.driver().hears_at_us(1), 1);
  });
}

TEST(PowerSave, IsMinimalAgainAfterTheNextInit) {
  World world;
  Chip chip(world);
  chip.run([&] {
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    ASSERT_EQ(esp_wifi_set_ps(WIFI_PS_NONE), ESP_OK);
    EXPECT_EQ(chip.driver().power_save(), WIFI_PS_NONE);
    ASSERT_EQ(esp_wifi_deinit(), ESP_OK);
    ASSERT_EQ(esp_wifi_init(&config), ESP_OK);
    EXPECT_EQ(chip.driver().power_save(), WIFI_PS_MIN_MODEM);
  });
}

}  // namespace
}  // namespace simulator::radio
