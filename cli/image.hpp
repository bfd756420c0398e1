#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "fuota_protocol/manifest.hpp"

namespace fuota::cli {

/// What an application image of ESP-IDF says about itself.
struct Image {
  std::string product;               ///< esp_app_desc_t::project_name
  std::string version;               ///< esp_app_desc_t::version
  std::string chip;                  ///< the target's name, such as "esp32c3"
  std::uint32_t secure_version = 0;  ///< esp_app_desc_t::secure_version
  std::uint32_t size_bytes = 0;      ///< of the whole file
  protocol::Sha256 sha256{};         ///< of the whole file
};

/// Reads an application image that lies whole in memory, and checks it as ESP-IDF's bootloader does
/// (bootloader_support/src/esp_image_format.c): magic, chip, segments, checksum, the appended
/// SHA-256 if there is one; and that it has a descriptor (esp_app_desc_t). Bytes behind the image,
/// such as the signature of secure boot, belong to the file. The failure says what is wrong with
/// it.
[[nodiscard]] Result<Image> read_image(std::string_view bytes);

}  // namespace fuota::cli
