#pragma once

#include "esp_image_format.h"
#include "simulator/boot/chip_model.hpp"
#include "simulator/boot/surroundings.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/kernel/idf_version.hpp"

namespace simulator::boot {

/// What to do with an image, and what to say about it.
enum class ImageUse {
  load,           ///< the bootloader: check all, also where segments are loaded to; log
  verify,         ///< an application: check all; log
  verify_silent,  ///< the same; hardly a line in the log
  describe,       ///< read headers and digest, don't check the contents; no line in the log
};

/// Checking an image takes this long per 1000 bytes on an ESP32 at 160 MHz: reading the flash,
/// SHA-256 and checksum together, from the times in a real board's log.
constexpr std::int64_t kVerifyUsPer1000Bytes = 340;

/// Checks the image at the beginning of `part` by the rules of ESP-IDF's esp_image_format.c (no
/// secure boot, no flash encryption), in its order and with its lines in the log:
///  - the partition has at most 16 MiB; the magic number; the chip, and its revision between the
///    image's limits (v4.4: not below the minimum, and only as far as the header's oldest field
///    says: the major revision of esp32, esp32s2 and esp32h2, the minor one of the others); at most
///    16 segments;
///  - each segment: a length that is a multiple of 4 and less than 16 MiB; data of a flash-mapped
///    segment lies in its MMU page where its address does; `load` only: RAM that a segment is
///    copied to exists;
///  - the XOR checksum; the length with checksum and digest fits the partition; the SHA-256 over
///    all, if the header says that there is one.
/// Nothing else is looked at: not the application description, not the entry point, not what is
/// behind the image.
///
/// ESP_OK: `image` is filled in. ESP_ERR_IMAGE_INVALID, ESP_FAIL (other chip or revision, not in
/// the flash) or ESP_ERR_INVALID_ARG (partition too large): `image` is zeroed.
esp_err_t examine_image(const flash::FlashChip& chip, const ChipModel& model,
                        kernel::IdfVersion idf, ImageUse use, const esp_partition_pos_t& part,
                        Surroundings& surroundings, esp_image_metadata_t& image);

}  // namespace simulator::boot
