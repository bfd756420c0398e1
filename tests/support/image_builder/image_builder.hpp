#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Makes ESP32 application images that a bootloader accepts: their segments hold noise instead of
/// code. Written after Espressif's description of the format (esp_app_format.h) and independent of
/// the simulator, which checks images: each is a check of the other.
namespace fuota::test {

using Image = std::vector<std::uint8_t>;

constexpr std::size_t kImageBytesMin = 512;
/// From here on an image also has code that is mapped from flash, in an MMU page of its own.
constexpr std::size_t kImageWithMappedCodeBytesMin = 128 * 1024;
constexpr std::size_t kImageBytesMax = 3 * 1024 * 1024;

struct ImageOptions {
  std::string chip = "esp32";  ///< one of `image_chips`
  std::string version = "0.1.0";
  std::string project = "esp32-fuota";
  std::string idf_version = "v5.5.5";
  /// Of the whole file: a multiple of 16, from kImageBytesMin to kImageBytesMax.
  std::size_t size_bytes = 816'384;
  std::uint64_t seed = 1;  ///< fixes the noise; same options, same image
  std::uint32_t secure_version = 0;
  bool with_digest = true;  ///< the appended SHA-256
  std::uint16_t chip_revision_min = 0;
  std::uint16_t chip_revision_max = 0xFFFF;
};

/// Why the options don't describe an image: one line, or empty when they do.
[[nodiscard]] std::string why_not_an_image(const ImageOptions& options);

/// The names of the chips that images can be built for, as ESP-IDF calls its targets.
[[nodiscard]] std::vector<std::string_view> image_chips();

/// Ends the process with a message when `why_not_an_image` has an answer.
[[nodiscard]] Image build_image(const ImageOptions& options);

/// Ways to break an image so that a bootloader must refuse it, each for one reason only: checksum
/// and digest are made right again wherever they are not the reason.
enum class Damage {
  magic,
  chip,
  chip_revision_too_old,
  chip_revision_too_new,
  too_many_segments,
  segment_length_not_aligned,
  segment_too_long,
  segment_not_congruent,  ///< not at the place in its page that it is mapped to
  checksum,
  digest,
  payload_bit,       ///< one bit of a segment: checksum and digest are both wrong
  payload_two_bits,  ///< the same bit of two bytes: the checksum can't tell
};

[[nodiscard]] std::vector<Damage> all_damages();
[[nodiscard]] std::string_view name_of(Damage damage);

/// `image` comes from `build_image`, with a digest.
[[nodiscard]] Image damaged(Image image, Damage damage);

}  // namespace fuota::test
