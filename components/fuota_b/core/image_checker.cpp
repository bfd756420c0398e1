#include "image_checker.hpp"

#include <algorithm>
#include <cstring>

namespace fuota::update {
namespace {

constexpr std::uint8_t kMagic = 0xE9;                          // ESP_IMAGE_HEADER_MAGIC
constexpr std::uint8_t kSegmentsMax = 16;                      // ESP_IMAGE_MAX_SEGMENTS
constexpr std::uint32_t kSegmentBytesMax = 16U * 1024 * 1024;  // SIXTEEN_MB
constexpr std::uint32_t kChecksumAlignment = 16;

// Offsets in esp_image_header_t (bootloader_support/include/esp_app_format.h).
constexpr std::size_t kMagicOffset = 0;
constexpr std::size_t kSegmentCountOffset = 1;
constexpr std::size_t kChipIdOffset = 12;
constexpr std::size_t kHashAppendedOffset = 23;

std::uint32_t read_u32(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

}  // namespace

ImageChecker::ImageChecker(std::uint16_t chip_id, std::uint32_t slot_bytes, Digest& digest)
    : digest_(digest), slot_bytes_(slot_bytes), chip_id_(chip_id) {}

ImageError ImageChecker::feed(const std::uint8_t* data, std::size_t bytes) {
  while (bytes > 0 && error_ == ImageError::none) {
    const Part part = part_;
    const std::size_t consumed = step(data, bytes);
    if (is_hashed(part) && !digest_.update(data, consumed)) fail(ImageError::bad_hash);
    last_byte_ = data[consumed - 1];
    offset_ += static_cast<std::uint32_t>(consumed);
    if (offset_ > slot_bytes_) fail(ImageError::too_big);
    if (part == Part::padding && left_ == 0) end_of_padding();
    data += consumed;
    bytes -= consumed;
  }
  return error_;
}

ImageError ImageChecker::finish() {
  if (!is_whole()) fail(ImageError::truncated);
  return error_;
}

/// Takes at least one byte, at most to the end of the part in progress. `offset_` is still that
/// of the first byte.
std::size_t ImageChecker::step(const std::uint8_t* data, std::size_t bytes) {
  std::size_t consumed = 0;
  switch (part_) {
    case Part::header:
      if (collect(data, bytes, kHeaderBytes, consumed)) end_of_header();
      return consumed;
    case Part::segment_header:
      if (collect(data, bytes, kSegmentHeaderBytes, consumed)) end_of_segment_header();
      return consumed;
    case Part::segment_data:
      consumed = std::min<std::size_t>(bytes, left_);
      for (std::size_t i = 0; i < consumed; ++i) checksum_ ^= data[i];
      left_ -= static_cast<std::uint32_t>(consumed);
      if (left_ == 0) next_segment_or_padding();
      return consumed;
    case Part::padding:
      if (left_ == 0) {
        // The checksum is the last byte of a block of 16, and there always is one.
        left_ = kChecksumAlignment - offset_ % kChecksumAlignment;
      }
      consumed = std::min<std::size_t>(bytes, left_);
      left_ -= static_cast<std::uint32_t>(consumed);
      return consumed;
    case Part::hash:
      if (collect(data, bytes, kSha256Bytes, consumed)) end_of_hash();
      return consumed;
    case Part::trailer:
      return bytes;
  }
  return bytes;
}

/// Gathers `wanted` bytes, of a header or the hash, across calls; true when they are there.
bool ImageChecker::collect(const std::uint8_t* data, std::size_t bytes, std::size_t wanted,
                           std::size_t& consumed) {
  static_assert(kSha256Bytes >= kHeaderBytes, "the buffer holds each of the parts");
  consumed = std::min(bytes, wanted - collected_bytes_);
  std::memcpy(collected_.data() + collected_bytes_, data, consumed);
  collected_bytes_ += consumed;
  if (collected_bytes_ < wanted) {
    // The first byte alone tells what is no image at all.
    if (part_ == Part::header && collected_[kMagicOffset] != kMagic) fail(ImageError::bad_magic);
    return false;
  }
  collected_bytes_ = 0;
  return true;
}

void ImageChecker::end_of_header() {
  if (collected_[kMagicOffset] != kMagic) return fail(ImageError::bad_magic);
  const auto chip_id =
      static_cast<std::uint16_t>(collected_[kChipIdOffset] | collected_[kChipIdOffset + 1] << 8);
  if (chip_id != chip_id_) return fail(ImageError::wrong_chip);
  segments_left_ = collected_[kSegmentCountOffset];
  if (segments_left_ == 0 || segments_left_ > kSegmentsMax) {
    return fail(ImageError::bad_segment_count);
  }
  hash_appended_ = collected_[kHashAppendedOffset] == 1;
  part_ = Part::segment_header;
}

void ImageChecker::end_of_segment_header() {
  left_ = read_u32(collected_.data() + 4);
  if (left_ % 4 != 0 || left_ >= kSegmentBytesMax) return fail(ImageError::bad_segment_length);
  if (left_ > slot_bytes_ || offset_ > slot_bytes_ - left_) return fail(ImageError::too_big);
  --segments_left_;
  part_ = Part::segment_data;
  if (left_ == 0) next_segment_or_padding();
}

void ImageChecker::next_segment_or_padding() {
  part_ = segments_left_ > 0 ? Part::segment_header : Part::padding;
}

void ImageChecker::end_of_padding() {
  if (error_ != ImageError::none) return;
  if (last_byte_ != checksum_) return fail(ImageError::bad_checksum);
  part_ = Part::trailer;
  if (!hash_appended_) return;
  part_ = Part::hash;
  if (!digest_.finish(hash_.data())) fail(ImageError::bad_hash);
}

void ImageChecker::end_of_hash() {
  if (std::memcmp(collected_.data(), hash_.data(), kSha256Bytes) != 0) {
    return fail(ImageError::bad_hash);
  }
  part_ = Part::trailer;
}

void ImageChecker::fail(ImageError error) {
  if (error_ == ImageError::none) error_ = error;
}

bool ImageChecker::is_hashed(Part part) const {
  return part != Part::hash && part != Part::trailer;
}

}  // namespace fuota::update
