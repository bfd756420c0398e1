#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fuota::update {

/// Reads `bytes` bytes at `offset` of what holds an image. False when it can't.
using ReadImage = bool (*)(const void* source, std::uint32_t offset, void* out, std::size_t bytes);

/// The length of the application image at the beginning of `source`, which has room for
/// `source_bytes`: header, segments, checksum and the appended SHA-256 if it has one
/// (bootloader_support/src/esp_image_format.c). That is the length of the file that the build
/// makes, unless something is signed behind it. Reads 24 bytes, and 8 for each segment. Nothing
/// when there is no whole image, or it can't be read.
[[nodiscard]] std::optional<std::uint32_t> image_length(const void* source,
                                                        std::uint32_t source_bytes, ReadImage read);

}  // namespace fuota::update
