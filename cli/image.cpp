#include "cli/image.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "cli/release_key.hpp"

namespace fuota::cli {
namespace {

// esp_image_header_t, esp_image_segment_header_t (bootloader_support/include/esp_app_format.h).
constexpr std::size_t kHeaderBytes = 24;
constexpr std::size_t kSegmentHeaderBytes = 8;
constexpr std::uint8_t kMagic = 0xE9;
constexpr std::size_t kSegmentCountAt = 1;
constexpr std::size_t kSegmentsMax = 16;
constexpr std::size_t kChipIdAt = 12;
constexpr std::size_t kHashAppendedAt = 23;
constexpr std::size_t kSegmentBytesMax = 16U * 1024 * 1024;
constexpr std::uint8_t kChecksumInitial = 0xEF;
constexpr std::size_t kChecksumAlignment = 16;

// esp_app_desc_t, the first thing in the first segment (esp_app_format/include/esp_app_desc.h).
constexpr std::size_t kDescriptorAt = kHeaderBytes + kSegmentHeaderBytes;
constexpr std::size_t kDescriptorBytes = 256;
constexpr std::uint32_t kDescriptorMagic = 0xABCD5432;
constexpr std::size_t kSecureVersionAt = 4;
constexpr std::size_t kVersionAt = 16;
constexpr std::size_t kProjectNameAt = 48;
constexpr std::size_t kDescriptorTextBytes = 32;

struct Chip {
  std::uint16_t id;  ///< esp_chip_id_t
  const char* name;  ///< IDF_TARGET
};

constexpr Chip kChips[] = {{0x0000, "esp32"},   {0x0002, "esp32s2"},  {0x0005, "esp32c3"},
                           {0x0009, "esp32s3"}, {0x000C, "esp32c2"},  {0x000D, "esp32c6"},
                           {0x0010, "esp32h2"}, {0x0012, "esp32p4"},  {0x0014, "esp32c61"},
                           {0x0017, "esp32c5"}, {0x0019, "esp32h21"}, {0x001C, "esp32h4"}};

/// Looks through one image from the front to the back.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<Image> read() {
    if (auto header = check_header(); !header) return header.error();
    if (auto segments = check_segments(); !segments) return segments.error();
    if (auto trailer = check_checksum_and_hash(); !trailer) return trailer.error();
    return describe();
  }

 private:
  [[nodiscard]] std::uint8_t u8(std::size_t at) const {
    return static_cast<std::uint8_t>(bytes_[at]);
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    return static_cast<std::uint32_t>(u8(at)) | static_cast<std::uint32_t>(u8(at + 1)) << 8 |
           static_cast<std::uint32_t>(u8(at + 2)) << 16 |
           static_cast<std::uint32_t>(u8(at + 3)) << 24;
  }
  [[nodiscard]] bool has(std::size_t at, std::size_t bytes) const {
    return at <= bytes_.size() && bytes <= bytes_.size() - at;
  }
  static Failure truncated() {
    return Failure{"the image is cut short: build it again, or copy it again"};
  }

  Result<void> check_header() {
    if (bytes_.empty()) return Failure{"the file is empty"};
    if (u8(0) != kMagic) {
      return Failure{
          "it is no image of an ESP32: it does not begin with 0xE9. Name the"
          " application's .bin, not the ELF file or a merged flash image"};
    }
    if (!has(0, kHeaderBytes)) return truncated();
    const auto chip_id = static_cast<std::uint16_t>(u8(kChipIdAt) | u8(kChipIdAt + 1) << 8);
    chip_ = std::find_if(std::begin(kChips), std::end(kChips),
                         [chip_id](const Chip& chip) { return chip.id == chip_id; });
    if (chip_ == std::end(kChips)) {
      return Failure{"its chip, number " + std::to_string(chip_id) + ", is not known"};
    }
    if (u8(kSegmentCountAt) == 0 || u8(kSegmentCountAt) > kSegmentsMax) {
      return Failure{"it has " + std::to_string(u8(kSegmentCountAt)) +
                     " segments, and an image has 1 to 16"};
    }
    return {};
  }

  Result<void> check_segments() {
    end_ = kHeaderBytes;
    for (int segment = 0; segment < u8(kSegmentCountAt); ++segment) {
      if (!has(end_, kSegmentHeaderBytes)) return truncated();
      const std::size_t length = u32(end_ + 4);
      if (length % 4 != 0 || length >= kSegmentBytesMax) {
        return Failure{"segment " + std::to_string(segment) + " has an impossible length, " +
                       std::to_string(length)};
      }
      end_ += kSegmentHeaderBytes;
      if (!has(end_, length)) return truncated();
      for (std::size_t i = 0; i < length; ++i) checksum_ ^= u8(end_ + i);
      end_ += length;
    }
    return {};
  }

  /// The checksum is the last byte of a block of 16, and there always is one.
  Result<void> check_checksum_and_hash() {
    end_ = (end_ / kChecksumAlignment + 1) * kChecksumAlignment;
    if (!has(0, end_)) return truncated();
    if (u8(end_ - 1) != checksum_) return Failure{"its checksum is wrong: the file is damaged"};
    if (u8(kHashAppendedAt) != 1) return {};
    if (!has(end_, protocol::kSha256Bytes)) return truncated();
    protocol::Sha256 hash;
    if (!sha256(bytes_.data(), end_, hash)) return Failure{"OpenSSL can't compute a SHA-256"};
    if (!std::equal(hash.begin(), hash.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
      return Failure{"its appended SHA-256 is wrong: the file is damaged"};
    }
    return {};
  }

  /// A text of the descriptor: up to its NUL, or all 32 bytes.
  [[nodiscard]] std::string text(std::size_t at) const {
    const std::string_view field = bytes_.substr(kDescriptorAt + at, kDescriptorTextBytes);
    return std::string(field.substr(0, field.find('\0')));
  }

  Result<Image> describe() const {
    if (u32(kHeaderBytes + 4) < kDescriptorBytes || u32(kDescriptorAt) != kDescriptorMagic) {
      return Failure{
          "it has no application descriptor: it may be a bootloader. Name the"
          " application's .bin"};
    }
    Image image;
    image.product = text(kProjectNameAt);
    image.version = text(kVersionAt);
    image.chip = chip_->name;
    image.secure_version = u32(kDescriptorAt + kSecureVersionAt);
    image.size_bytes = static_cast<std::uint32_t>(bytes_.size());
    if (!sha256(bytes_.data(), bytes_.size(), image.sha256)) {
      return Failure{"OpenSSL can't compute a SHA-256"};
    }
    return image;
  }

  std::string_view bytes_;
  const Chip* chip_ = nullptr;
  std::size_t end_ = 0;  ///< of what was checked
  std::uint8_t checksum_ = kChecksumInitial;
};

}  // namespace

Result<Image> read_image(std::string_view bytes) {
  return Reader(bytes).read();
}

}  // namespace fuota::cli
