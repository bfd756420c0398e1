#pragma once

#include "esp_err.h"
#include "token_record.hpp"

/// The device's own token in NVS: namespace "fuota_b", key "token".
namespace fuota::update {

/// Reads it; its state is `none` when there is none. ESP_ERR_INVALID_VERSION for one that can't be
/// read: another must not take its place, since the server would not know the device by it. Or what
/// NVS says.
[[nodiscard]] esp_err_t load_token(TokenRecord& record);

/// Keeps it; it is there for good when the call returns. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t save_token(const TokenRecord& record);

}  // namespace fuota::update
