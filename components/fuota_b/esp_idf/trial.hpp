#pragma once

#include "esp_partition.h"
#include "fuota_b/trial.hpp"
#include "trial_record.hpp"

namespace fuota::update {

/// Remembers that the image in `slot`, whose hash is `image` (as esp_partition_get_sha256 gives
/// it), is about to be put on trial for the first time. Without the note the trial takes place all
/// the same; a power loss in it then counts as a failure, as the log says.
void remember_trial(const esp_partition_t* slot, const TrialRecord::Sha256& image);

/// Forgets it: the image is confirmed, or was not put on trial after all.
void forget_trial();

}  // namespace fuota::update
