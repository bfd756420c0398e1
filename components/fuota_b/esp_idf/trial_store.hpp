#pragma once

#include "esp_err.h"
#include "trial_record.hpp"

/// The note about an image on trial, in NVS: namespace "fuota_b", key "trial". A write is whole or
/// not at all, whenever the power fails.
namespace fuota::update {

/// Reads the note. ESP_ERR_NVS_NOT_FOUND when there is none, ESP_ERR_INVALID_VERSION when it is
/// none that this version knows; or what NVS says.
[[nodiscard]] esp_err_t load_trial(TrialRecord& record);

/// Writes it, in place of the one before.
[[nodiscard]] esp_err_t save_trial(const TrialRecord& record);

/// Finds out whether a note will find room, by writing one of its size under a key of its own
/// ("room"), which is erased again. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t try_room_for_trial();

/// Erases it. ESP_OK also when there is none; nothing is written then.
[[nodiscard]] esp_err_t erase_trial();

}  // namespace fuota::update
