#pragma once

#include "esp_err.h"
#include "resume_record.hpp"

/// The journal of a download, in NVS: namespace "fuota_b", key "resume".
namespace fuota::update {

/// ESP_ERR_NVS_NOT_FOUND when there is none, ESP_ERR_INVALID_VERSION when it is none that this
/// version knows; or what NVS says.
[[nodiscard]] esp_err_t load_resume(ResumeRecord& record);

[[nodiscard]] esp_err_t save_resume(const ResumeRecord& record);

/// ESP_OK also when there is none; nothing is written then.
[[nodiscard]] esp_err_t erase_resume();

}  // namespace fuota::update
