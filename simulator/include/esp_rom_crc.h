#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// CRC-32 (reflected, polynomial 0xEDB88320). `crc` is the result of the part before, 0 at the
/// beginning, and is inverted on entry and on exit: the same as zlib's crc32.
uint32_t esp_rom_crc32_le(uint32_t crc, uint8_t const* buf, uint32_t len);

#ifdef __cplusplus
}
#endif
