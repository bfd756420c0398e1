#pragma once

#include "esp_err.h"
#include "fuota_b/code.hpp"
#include "fuota_b/release_policy.hpp"

/// The keys of the newest root document that this device has seen, in NVS: namespace "fuota_b", key
/// "root".
namespace fuota::update {

/// The keys that are trusted now: those of NVS, unless `built_in` are of a later version.
/// `updated`, or `nvs` when there are some that can't be read (older ones must not take their
/// place), or `no_memory` when the crypto library failed.
[[nodiscard]] Code load_trusted_keys(const ReleasePolicy& built_in, ReleasePolicy& out);

/// Keeps `policy`, which a root document named. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t save_trusted_keys(const ReleasePolicy& policy);

}  // namespace fuota::update
