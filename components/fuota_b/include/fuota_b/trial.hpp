#pragma once

#include <cstdint>

#include "esp_err.h"

/// The trial of a new image. With CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE, ESP-IDF's bootloader gives
/// an image one boot to be confirmed; unless it is, the next boot falls back to the image before.
/// The functions are called from one task at a time. They don't block, except where stated.
namespace fuota::update {

/// True while the running image still has to be confirmed: ESP_OTA_IMG_PENDING_VERIFY, or a state
/// that ESP-IDF doesn't know, as a power loss leaves it, and the component's note says that there
/// is a trial.
[[nodiscard]] bool is_on_trial();

/// Confirms the running image if it is on trial and is what the bootloader was told to boot; does
/// nothing otherwise. ESP_OK, or what ESP-IDF refused with. check_and_update does it when the
/// server answers.
[[nodiscard]] esp_err_t confirm_running_image();

/// Ends the trial of the running image: marks it as failed and restarts the chip into the image
/// before. Where otadata no longer names that, the chip is restarted all the same, and the
/// bootloader looks for an image that can be booted. Returns only when it can't:
/// ESP_ERR_INVALID_STATE when the running image is not on trial, or what the flash driver says.
[[nodiscard]] esp_err_t reject_running_image();

enum class TrialOutcome : std::uint8_t {
  nothing,  ///< no trial ended; go on
  retried,  ///< a good image is on trial again: restart to run it
  failed,   ///< an image failed its trial, or was cut too often
};

/// Tells a trial that was cut from one that failed. To be called after each boot as the first thing
/// after nvs_flash_init(): should the device restart again before, the reason of that restart would
/// be taken for the one that ended the trial.
///
/// When the bootloader fell back from an image that check_and_update installed, and this boot
/// follows a power-on or a brown-out (or a reset by a debugger or a serial monitor), the device was
/// switched off in the middle of the trial: then the image is put on trial again without a
/// download, if the slot still holds all of it, up to `trials_max` (1 to 255) times in all. After
/// any other reset (panic, watchdog, restart by software, deep sleep), the image failed, and
/// check_and_update does not install it again before the device has been up for
/// CONFIG_FUOTA_B_FAILED_IMAGE_REST_S, unless a signed one is offered by another deployment. The
/// note of that in NVS (namespace "fuota_b", key "trial")
/// is kept until the next update.
///
/// Writes to NVS only when there is something to note: the note itself, at most twice, and, of a
/// signed release, the report of what became of it, which takes two more. Blocks only when an image
/// is put on trial again, for as long as it takes to read it three times: about 4 s per MB.
[[nodiscard]] TrialOutcome retry_cut_trial(std::uint8_t trials_max);

/// The failure code of the trial of which `retry_cut_trial` has said, in this boot, that it failed:
/// "rolled_back_task_watchdog", by the reset that ended it, or "rolled_back_by_itself". The same is
/// in the log and in the report to the server (docs/updates.md, "Failure codes"). Null when none
/// has failed. Static storage.
[[nodiscard]] const char* failed_trial_code();

}  // namespace fuota::update
