#pragma once

#include "esp_err.h"
#include "simulator/flash/nvs/page_log.hpp"

namespace simulator::flash::nvs {

/// Completes what a cut of the power left half done above the level of pages:
/// - The last thing that was written may have taken the place of something that was not erased any
///   more: of two items with the same name the newer one stays.
/// - A blob counts when its index and all its chunks are there: what is left of others goes.
/// To be called once after the log was loaded. It can be cut and repeated at any operation.
/// ESP_OK, kPowerLost.
[[nodiscard]] esp_err_t recover(PageLog& log);

}  // namespace simulator::flash::nvs
