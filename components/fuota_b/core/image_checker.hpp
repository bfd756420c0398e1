#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// Checks an ESP32 application image while it streams by, as ESP-IDF checks the one in flash
/// (bootloader_support/src/esp_image_format.c), so that a bad one is refused before it costs a
/// whole download. ESP-IDF's own check of the slot still follows.
namespace fuota::update {

enum class ImageError : std::uint8_t {
  none,
  bad_magic,           ///< the first byte is not 0xE9
  wrong_chip,          ///< the header names another chip
  bad_segment_count,   ///< none, or more than 16
  bad_segment_length,  ///< not a multiple of 4, or 16 MiB and more
  too_big,             ///< longer than the slot
  bad_checksum,        ///< the XOR of all segment bytes does not match
  bad_hash,            ///< the appended SHA-256 does not match
  truncated,           ///< the stream ended before the image
};

constexpr std::size_t kSha256Bytes = 32;

/// A SHA-256 computation that is under way; the shell has the library for it.
class Digest {
 public:
  /// False when the library failed; `finish` fails then too.
  [[nodiscard]] virtual bool update(const std::uint8_t* data, std::size_t bytes) = 0;
  [[nodiscard]] virtual bool finish(std::uint8_t out[kSha256Bytes]) = 0;

 protected:
  ~Digest() = default;
};

class ImageChecker {
 public:
  /// `chip_id`: of the image that runs (esp_image_header_t::chip_id). `slot_bytes`: room for the
  /// image. `digest` is fresh and outlives the checker.
  ImageChecker(std::uint16_t chip_id, std::uint32_t slot_bytes, Digest& digest);

  /// Takes the next bytes of the stream. The first error stays. Bytes behind the image are
  /// counted against the slot, otherwise ignored, as ESP-IDF does.
  ImageError feed(const std::uint8_t* data, std::size_t bytes);

  /// Says that the stream is over: `truncated` when the image wasn't whole.
  ImageError finish();

  [[nodiscard]] bool is_whole() const { return part_ == Part::trailer; }

  /// The SHA-256 of the image up to the appended hash. Counts only when the image is whole and
  /// has one.
  [[nodiscard]] const std::array<std::uint8_t, kSha256Bytes>& hash() const { return hash_; }
  [[nodiscard]] bool has_hash() const { return hash_appended_; }

 private:
  enum class Part : std::uint8_t {
    header,
    segment_header,
    segment_data,
    padding,
    hash,
    trailer,
  };

  static constexpr std::size_t kHeaderBytes = 24;
  static constexpr std::size_t kSegmentHeaderBytes = 8;

  std::size_t step(const std::uint8_t* data, std::size_t bytes);
  bool collect(const std::uint8_t* data, std::size_t bytes, std::size_t wanted,
               std::size_t& consumed);
  void end_of_header();
  void end_of_segment_header();
  void next_segment_or_padding();
  void end_of_padding();
  void end_of_hash();
  void fail(ImageError error);
  [[nodiscard]] bool is_hashed(Part part) const;

  Digest& digest_;
  std::uint32_t slot_bytes_;
  std::uint16_t chip_id_;
  ImageError error_ = ImageError::none;
  Part part_ = Part::header;
  bool hash_appended_ = false;
  std::uint8_t segments_left_ = 0;
  std::uint8_t checksum_ = 0xEF;  // ESP_ROM_CHECKSUM_INITIAL
  std::uint8_t last_byte_ = 0;
  std::uint32_t offset_ = 0;
  std::uint32_t left_ = 0;  ///< bytes of the segment or the padding that are still to come
  std::array<std::uint8_t, kSha256Bytes> collected_{};
  std::size_t collected_bytes_ = 0;
  std::array<std::uint8_t, kSha256Bytes> hash_{};
};

}  // namespace fuota::update
