#pragma once

#include "fuota_b/update.hpp"

namespace fuota::update {

inline Report report_of(Code code, esp_err_t error = ESP_OK) {
  Report report;
  report.code = code;
  report.error = error;
  return report;
}

}  // namespace fuota::update
