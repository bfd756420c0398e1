#pragma once

#include <cstddef>

/// The limits that a device and a server agree on, in bytes of UTF-8 after percent-decoding
/// (docs/protocol.md). Limits of one side alone live in that side's own header.
namespace fuota::protocol {

constexpr std::size_t kDeviceIdBytesMax = 128;
constexpr std::size_t kVersionBytesMax = 128;
constexpr std::size_t kFileNameBytesMax = 255;

/// A device row is one CSV line: three quoted fields, two commas, a line end, and room for a
/// client that pads or quotes in its own way.
constexpr std::size_t kDeviceRowBytesMax = 4096;

/// A firmware image: ESP32 modules have at most 16 MiB of flash behind the cache.
constexpr std::size_t kFileBytesMax = std::size_t{16} * 1024 * 1024;

}  // namespace fuota::protocol
