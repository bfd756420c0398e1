#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/support/image_builder/image_builder.hpp"

/// The places of an image's fields, shared by what builds images and what damages them.
namespace fuota::test {

constexpr std::size_t kHeaderBytes = 24;
constexpr std::size_t kSegmentHeaderBytes = 8;
constexpr std::size_t kDescriptionBytes = 256;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kChecksumAlignment = 16;
constexpr std::size_t kMmuPageBytes = 0x10000;

constexpr std::size_t kMagicAt = 0;
constexpr std::size_t kSegmentCountAt = 1;
constexpr std::size_t kChipIdAt = 12;
constexpr std::size_t kChipRevisionMinAt = 15;
constexpr std::size_t kChipRevisionMaxAt = 17;
constexpr std::size_t kHasDigestAt = 23;
constexpr std::size_t kFirstLoadAddressAt = kHeaderBytes;
constexpr std::size_t kFirstLengthAt = kHeaderBytes + 4;
constexpr std::size_t kDescriptionAt = kHeaderBytes + kSegmentHeaderBytes;

void put_u16(Image& image, std::size_t at, std::uint16_t value);
void put_u32(Image& image, std::size_t at, std::uint32_t value);
[[nodiscard]] std::uint32_t get_u32(const Image& image, std::size_t at);

/// Writes the checksum and, if the header says that there is one, the digest.
void seal(Image& image);
/// The same for the digest alone.
void seal_digest(Image& image);
/// Where the checksum is: by the length of the file, so that segments may be broken already.
[[nodiscard]] std::size_t checksum_at(const Image& image);

/// The SHA-256 of `bytes` to `out`, which has kDigestBytes.
void sha256(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> out);

}  // namespace fuota::test
