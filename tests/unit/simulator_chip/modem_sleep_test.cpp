// docs/en/api-guides/wifi.rst of ESP-IDF, "Wi-Fi Power-saving Mode": with modem sleep, what is
// received is delayed for as long as the DTIM period.

#include <gtest/gtest.h>

#include <cstring>

#include "esp_event.h"
#include "esp_http_client.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tests/support/board/test_board.hpp"

namespace simulator::chip {
namespace {

using fuota::test::kMillisecondUs;
using fuota::test::TestBoard;

constexpr char kUrl[] = "http://192.168.1.41/";

void join() {
  ASSERT_EQ(esp_netif_init(), ESP_OK);
  ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
  esp_netif_create_default_wifi_sta();
  wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
  ASSERT_EQ(esp_wifi_init(&init), ESP_OK);
  ASSERT_EQ(esp_wifi_set_mode(WIFI_MODE_STA), ESP_OK);
  wifi_config_t config{};
  std::memcpy(config.sta.ssid, "ap", 2);
  ASSERT_EQ(esp_wifi_set_config(WIFI_IF_STA, &config), ESP_OK);
  ASSERT_EQ(esp_wifi_start(), ESP_OK);
  vTaskDelay(pdMS_TO_TICKS(1'000));
  ASSERT_EQ(esp_wifi_connect(), ESP_OK);
  vTaskDelay(pdMS_TO_TICKS(10'000));
}

/// How long ten exchanges take, each on a connection of its own.
std::int64_t time_of_exchanges(wifi_ps_type_t power_save) {
  TestBoard board;
  radio::AccessPoint access_point;
  access_point.ssid = "ap";
  access_point.authmode = WIFI_AUTH_OPEN;
  board.world().add(access_point);
  board.network().listen({"192.168.1.41", 80}, [] {
    return std::make_unique<net::HttpPeer>(
        [](const net::PeerRequest&) { return net::PeerAnswer{net::http_response(204, "", "")}; });
  });
  std::int64_t took_us = 0;
  EXPECT_TRUE(board.run_to_end([&] {
    join();
    ASSERT_EQ(esp_wifi_set_ps(power_save), ESP_OK);
    const std::int64_t begin_us = esp_timer_get_time();
    for (int i = 0; i < 10; ++i) {
      esp_http_client_config_t config{};
      config.url = kUrl;
      esp_http_client_handle_t client = esp_http_client_init(&config);
      EXPECT_EQ(esp_http_client_open(client, 0), ESP_OK);
      EXPECT_EQ(esp_http_client_fetch_headers(client), 0);
      esp_http_client_cleanup(client);
    }
    took_us = esp_timer_get_time() - begin_us;
  }));
  return took_us;
}

TEST(ModemSleepOfABoard, DelaysEveryAnswerToTheNextBeacon) {
  EXPECT_LT(time_of_exchanges(WIFI_PS_NONE), 600 * kMillisecondUs);
  // Connecting and the answer each end at a beacon, of which there is one in 102.4 ms.
  EXPECT_NEAR(static_cast<double>(time_of_exchanges(WIFI_PS_MIN_MODEM)), 20 * 102'400, 102'400);
}

}  // namespace
}  // namespace simulator::chip
