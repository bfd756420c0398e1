/// Connects to an access point, and again whenever the link was lost.

#include "conn_wifi_b/connection.hpp"

#include <cstring>

#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "sdkconfig.h"

namespace {

namespace connection = fuota::connection;

constexpr char kTag[] = "STAY";
constexpr std::uint32_t kIpTimeoutMs = 10'000;
constexpr std::uint32_t kPauseMs = 5'000;

template <std::size_t N>
std::uint8_t copy(const char* text, std::array<std::uint8_t, N>& out) {
  const std::size_t length = strnlen(text, N);
  std::memcpy(out.data(), text, length);
  return static_cast<std::uint8_t>(length);
}

connection::AccessPoint access_point() {
  connection::AccessPoint wanted;
  wanted.ssid_bytes = copy(CONFIG_STAY_CONNECTED_SSID, wanted.ssid);
  wanted.password_bytes = copy(CONFIG_STAY_CONNECTED_PASSWORD, wanted.password);
  return wanted;
}

}  // namespace

extern "C" void app_main(void) {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());

  const connection::AccessPoint wanted = access_point();
  for (;;) {
    // CWB_ALREADY_CON: the link still stands.
    const connection::Report report = connection::connect(wanted, kIpTimeoutMs);
    if (report.status == CWB_OK) {
      ESP_LOGI(kTag, "Connected");
    } else if (report.status != CWB_ALREADY_CON) {
      ESP_LOGW(kTag, "Not connected, reason %u, %s",
               static_cast<unsigned>(report.disconnect_reason), esp_err_to_name(report.error));
    }
    vTaskDelay(pdMS_TO_TICKS(kPauseMs));
  }
}
