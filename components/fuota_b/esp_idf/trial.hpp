#pragma once

#include "esp_partition.h"
#include "fuota_b/trial.hpp"
#include "trial_record.hpp"

namespace fuota::update {

/// Remembers what is about to be put on trial for the first time: `record` has slot, image, elf,
/// counter and update, the rest is filled in here. Without the note a trial can take place all the
/// same; a power loss in it then counts as a failure, as the log says, and its confirmation does
/// not raise the security counter. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t remember_trial(TrialRecord& record);

/// Whether NVS has room for what `remember_trial` will write, waiting reports left out: to be asked
/// before a download, so that a full NVS costs no slot. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t make_room_for_trial();

/// Puts it among the reports that the image just remembered is installed.
void tell_installed(TrialRecord& record);

/// Makes the running image the one that otadata names, as after a confirmation. It is another one
/// when the bootloader refused the image that it was told to boot, and fell back. A switch to a
/// slot would then overwrite the only entry by which the bootloader finds the running image
/// (app_update/esp_ota_ops.c, esp_rewrite_ota_data, up to v5), and with it the way back.
///
/// Nothing is written when it is so already. Otherwise blocks for as long as it takes to read the
/// running image, about 1 s per MB. ESP_OK also when the running image is damaged itself: there is
/// no way back to keep then.
[[nodiscard]] esp_err_t keep_way_back();

/// Whether the image whose ELF file has this hash (esp_app_desc_t) failed its trial, and this
/// device has not been up for CONFIG_FUOTA_B_FAILED_IMAGE_REST_S since its last restart.
/// `elf` may be all zeros, for none.
[[nodiscard]] bool failed_before(const TrialRecord::Sha256& elf);

/// The same for the image of a signed release, unless another deployment offers it anew.
[[nodiscard]] bool failed_before(const UpdateSubject& update);

/// Forgets it: the image is confirmed, or was not put on trial after all.
void forget_trial();

}  // namespace fuota::update
