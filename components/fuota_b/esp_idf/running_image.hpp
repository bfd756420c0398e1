#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "esp_err.h"
#include "fuota_b/update.hpp"
#include "fuota_protocol/manifest.hpp"

/// What the running image is.
namespace fuota::update {

/// The chip that it was built for: ours (esp_image_header_t::chip_id).
[[nodiscard]] esp_err_t read_chip_id(std::uint16_t* chip_id);

/// The name of its project: what a release calls the product. Static storage.
[[nodiscard]] std::string_view running_product();

/// The SHA-256 of the image's file, `size` bytes from its first to the last of its own format: what
/// a manifest says of the file that was flashed (image_length.hpp). It is computed from the flash
/// once after each boot, with a buffer of `buffer_bytes` bytes: about 1 s per MB, in which
/// `observer` hears of each piece. ESP_ERR_INVALID_SIZE when the image has no end in its slot,
/// ESP_FAIL when the crypto library failed, or what the flash driver says.
[[nodiscard]] esp_err_t hash_running_image(std::uint8_t* buffer, std::size_t buffer_bytes,
                                           const Observer& observer, protocol::Sha256& out);

}  // namespace fuota::update
