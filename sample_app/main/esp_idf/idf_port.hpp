#pragma once

/// What differs between ESP-IDF v4.4, v5 and v6, and nothing else.

#include "esp_idf_version.h"
#if ESP_IDF_VERSION_MAJOR >= 5
#include "esp_app_desc.h"
#include "esp_mac.h"
#else
#include "esp_ota_ops.h"
#include "esp_system.h"  // esp_read_mac
#endif

namespace fuota::app {

/// The descriptor of the running image. Static storage.
inline const esp_app_desc_t* running_descriptor() {
#if ESP_IDF_VERSION_MAJOR >= 5
  return esp_app_get_description();
#else
  return esp_ota_get_app_description();  // gone in v6
#endif
}

}  // namespace fuota::app
