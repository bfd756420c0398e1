// A power cut drops tasks without unwinding; the leak sanitizer would find what nobody owns.

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

void scan_and_connect() {
  esp_netif_init();
  esp_event_loop_create_default();
  esp_netif_create_default_wifi_sta();
  wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
  esp_wifi_init(&init);
  esp_wifi_start();
  esp_wifi_scan_start(nullptr, true);
  wifi_ap_record_t records[2];
  std::uint16_t number = 2;
  esp_wifi_scan_get_ap_records(&number, records);
  wifi_config_t config{};
  std::memcpy(config.sta.ssid, "fuota_ap", 8);
  std::memcpy(config.sta.password, "fuota_password", 14);
  esp_wifi_set_config(WIFI_IF_STA, &config);
  esp_wifi_connect();
  vTaskDelay(portMAX_DELAY);
}

TEST(PowerCut, LeavesNothingBehindWhereverItHappens) {
  World world;
  world.add(access_point());
  world.add(access_point("other"));
  for (std::int64_t cut_us = 0; cut_us < 4 * kSecond; cut_us += 37 * kMillisecond) {
    const std::int64_t begin_us = world.now_us();
    {
      Chip chip(world);
      chip.session().scheduler().spawn("device", 4096, 1, scan_and_connect);
      chip.session().run(cut_us);
    }
    EXPECT_GE(world.now_us() - begin_us, cut_us);
  }
}

TEST(PowerCut, AStationThatComesBackConnectsAgain) {
  World world;
  world.add(access_point());
  for (int session = 0; session < 3; ++session) {
    Chip chip(world);
    chip.run([&] {
      chip.start_station();
      Chip::configure("fuota_ap", "fuota_password");
      ASSERT_EQ(esp_wifi_connect(), ESP_OK);
      EXPECT_TRUE(chip.wait_for("GOT_IP"));
    });
  }
}

}  // namespace
}  // namespace simulator::radio
