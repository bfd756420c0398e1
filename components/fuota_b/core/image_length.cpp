#include "image_length.hpp"

namespace fuota::update {
namespace {

constexpr std::size_t kHeaderBytes = 24;
constexpr std::size_t kSegmentHeaderBytes = 8;
constexpr std::size_t kAppendedHashBytes = 32;
constexpr std::uint32_t kChecksumAlignment = 16;
constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint8_t kSegmentsMax = 16;
constexpr std::size_t kSegmentCountAt = 1;
constexpr std::size_t kHashAppendedAt = 23;
constexpr std::size_t kSegmentLengthAt = 4;

std::uint32_t read_u32(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

}  // namespace

std::optional<std::uint32_t> image_length(const void* source, std::uint32_t source_bytes,
                                          ReadImage read) {
  std::uint8_t header[kHeaderBytes];
  if (source_bytes < kHeaderBytes || !read(source, 0, header, sizeof header)) return std::nullopt;
  const std::uint8_t segments = header[kSegmentCountAt];
  if (header[0] != kMagic || segments == 0 || segments > kSegmentsMax) return std::nullopt;

  std::uint32_t length = kHeaderBytes;
  for (std::uint8_t i = 0; i < segments; ++i) {
    std::uint8_t segment[kSegmentHeaderBytes];
    if (source_bytes - length < sizeof segment || !read(source, length, segment, sizeof segment)) {
      return std::nullopt;
    }
    length += sizeof segment;
    const std::uint32_t data_bytes = read_u32(segment + kSegmentLengthAt);
    if (data_bytes > source_bytes - length) return std::nullopt;
    length += data_bytes;
  }
  // The checksum is the last byte of a block, which always follows.
  const std::uint32_t padding = kChecksumAlignment - length % kChecksumAlignment;
  const std::uint32_t trailer = padding + (header[kHashAppendedAt] == 1 ? kAppendedHashBytes : 0);
  if (trailer > source_bytes - length) return std::nullopt;
  return length + trailer;
}

}  // namespace fuota::update
