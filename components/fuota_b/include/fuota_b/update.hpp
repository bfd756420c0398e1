#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "fuota_b/code.hpp"

/// Firmware update over the air, blocking: the C++ API. Needs, bounds and string rules are those
/// of ota_update_b (fuota_b.h).
namespace fuota::update {

struct Server {
  const char* name = nullptr;
  std::uint16_t port = 0;
  const char* certificate_pem = nullptr;
  const char* username = nullptr;
  const char* password = nullptr;
};

/// Who asks, and what it runs.
struct Identity {
  const char* device_id = nullptr;
  const char* app_version = nullptr;
};

struct Report {
  Code code = Code::no_update;
  /// The status of the last HTTP answer; 0 when there was none.
  int http_status = 0;
  /// What the ESP-IDF call that failed returned; ESP_OK when none failed.
  esp_err_t error = ESP_OK;
};

/// One check, and the update where there is one.
[[nodiscard]] Report check_and_update(const Server& server, const Identity& identity);

/// Confirms the running image if it is on trial (ESP_OTA_IMG_PENDING_VERIFY) and is what the
/// bootloader was told to boot; does nothing otherwise. ESP_OK, or what ESP-IDF refused with.
[[nodiscard]] esp_err_t confirm_running_image();

}  // namespace fuota::update
