#include "tests/support/image_builder/image_builder.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/support/image_builder/image_layout.hpp"

namespace fuota::test {
namespace {

constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint32_t kDescriptionMagic = 0xABCD5432;
constexpr std::uint8_t kMmuPageExponent = 16;
constexpr std::size_t kTextBytes = 32;  ///< of a text in the description, with its NUL

/// Where the linker of ESP-IDF places what for a chip (memory.ld of each target): constants and
/// code that are mapped from flash, data and code that are copied to RAM.
struct Chip {
  std::string_view name;
  std::uint16_t id;
  std::uint32_t mapped_constants;
  std::uint32_t mapped_code;
  std::uint32_t ram_data;
  std::uint32_t ram_code;
};

constexpr Chip kChips[] = {
    {"esp32", 0x0000, 0x3F400000, 0x400D0000, 0x3FFB0000, 0x40080000},
    {"esp32s2", 0x0002, 0x3F000000, 0x40080000, 0x3FFD0000, 0x40024000},
    {"esp32c3", 0x0005, 0x3C000000, 0x42000000, 0x3FCA0000, 0x40380000},
    {"esp32s3", 0x0009, 0x3C000000, 0x42000000, 0x3FCA0000, 0x40374000},
    {"esp32c2", 0x000C, 0x3C000000, 0x42000000, 0x3FCC0000, 0x40380000},
    {"esp32c6", 0x000D, 0x42800000, 0x42000000, 0x40820000, 0x40800000},
    {"esp32h2", 0x0010, 0x42800000, 0x42000000, 0x40820000, 0x40800000},
};

const Chip* find_chip(std::string_view name) {
  const auto found = std::ranges::find(kChips, name, &Chip::name);
  return found == std::end(kChips) ? nullptr : found;
}

std::size_t round_down(std::size_t value, std::size_t unit) {
  return value / unit * unit;
}

/// The bytes in front of checksum and digest are the header's and the segments'. At least one byte
/// must stay for the checksum, and lengths are multiples of 4.
std::size_t segments_end(const ImageOptions& options) {
  return options.size_bytes - (options.with_digest ? kDigestBytes : 0) - 4;
}

class Builder {
 public:
  explicit Builder(const ImageOptions& options)
      : options_(options), chip_(*find_chip(options.chip)), random_(options.seed) {}

  Image build() {
    image_.assign(kHeaderBytes, 0);
    const std::size_t end = segments_end(options_);
    if (options_.size_bytes >= kImageWithMappedCodeBytesMin) {
      add_segments_with_mapped_code(end);
    } else {
      const std::size_t constants = round_down((end - image_.size()) / 2, 4);
      add_segment(chip_.mapped_constants + kDescriptionAt, std::max(constants, kDescriptionBytes));
      add_segment_up_to(chip_.ram_data, end);
    }
    image_.resize(options_.size_bytes, 0);
    fill_header();
    fill_description();
    seal(image_);
    return std::move(image_);
  }

 private:
  /// As esptool lays images out: what goes to RAM fills the room in front of the code, which must
  /// begin at the same place of an MMU page as in memory.
  void add_segments_with_mapped_code(std::size_t end) {
    add_segment(chip_.mapped_constants + kDescriptionAt, round_down(end / 7, 4));
    const std::size_t code_header =
        (image_.size() / kMmuPageBytes + 1) * kMmuPageBytes + kDescriptionAt - kSegmentHeaderBytes;
    const std::size_t room = code_header - image_.size();
    add_segment(chip_.ram_data, round_down(room / 3, 4));
    const std::size_t ram_code = code_header - image_.size() - kSegmentHeaderBytes;
    add_segment(chip_.ram_code, ram_code);
    const std::size_t rest = end - image_.size();
    const std::size_t more_ram_code = std::min<std::size_t>(round_down(rest / 8, 4), 48 * 1024);
    add_segment_up_to(chip_.mapped_code + kDescriptionAt,
                      end - kSegmentHeaderBytes - more_ram_code);
    add_segment_up_to(chip_.ram_code + static_cast<std::uint32_t>(ram_code), end);
  }

  void add_segment_up_to(std::uint32_t address, std::size_t end) {
    add_segment(address, end - image_.size() - kSegmentHeaderBytes);
  }

  void add_segment(std::uint32_t address, std::size_t length) {
    const std::size_t at = image_.size();
    image_.resize(at + kSegmentHeaderBytes + length);
    put_u32(image_, at, address);
    put_u32(image_, at + 4, static_cast<std::uint32_t>(length));
    for (std::size_t i = at + kSegmentHeaderBytes; i < image_.size(); i += 4) {
      put_u32(image_, i, static_cast<std::uint32_t>(random_() >> 32));
    }
    ++segment_count_;
  }

  void fill_header() {
    image_[kMagicAt] = kMagic;
    image_[kSegmentCountAt] = segment_count_;
    image_[2] = 2;                       // DIO
    image_[3] = 0x20;                    // 4 MB, 40 MHz
    put_u32(image_, 4, chip_.ram_code);  // entry point
    image_[8] = 0xEE;                    // no write-protect pin
    put_u16(image_, kChipIdAt, chip_.id);
    put_u16(image_, kChipRevisionMinAt, options_.chip_revision_min);
    put_u16(image_, kChipRevisionMaxAt, options_.chip_revision_max);
    image_[kHasDigestAt] = options_.with_digest ? 1 : 0;
  }

  void fill_description() {
    const auto description = std::span(image_).subspan(kDescriptionAt, kDescriptionBytes);
    std::ranges::fill(description, 0);
    put_u32(image_, kDescriptionAt, kDescriptionMagic);
    put_u32(image_, kDescriptionAt + 4, options_.secure_version);
    put_text(16, options_.version);
    put_text(48, options_.project);
    put_text(80, "12:00:00");
    put_text(96, "Jan  1 2026");
    put_text(112, options_.idf_version);
    // In place of the digest of an ELF file: different for images that differ.
    sha256(std::span(image_).subspan(kDescriptionAt + kDescriptionBytes),
           description.subspan(144, kDigestBytes));
    put_u16(image_, kDescriptionAt + 178, 0xFFFF);  // no highest eFuse block revision
    description[180] = kMmuPageExponent;
  }

  void put_text(std::size_t at, std::string_view text) {
    std::ranges::copy(text, image_.begin() + static_cast<std::ptrdiff_t>(kDescriptionAt + at));
  }

  const ImageOptions& options_;
  const Chip& chip_;
  std::mt19937_64 random_;
  Image image_;
  std::uint8_t segment_count_ = 0;
};

}  // namespace

std::string why_not_an_image(const ImageOptions& options) {
  if (find_chip(options.chip) == nullptr) return "chip " + options.chip + " is not known";
  if (options.size_bytes < kImageBytesMin || options.size_bytes > kImageBytesMax ||
      options.size_bytes % kChecksumAlignment != 0) {
    return "the size must be a multiple of 16 from " + std::to_string(kImageBytesMin) + " to " +
           std::to_string(kImageBytesMax);
  }
  const auto is_too_long = [](const std::string& text) { return text.size() >= kTextBytes; };
  if (is_too_long(options.version) || is_too_long(options.project) ||
      is_too_long(options.idf_version)) {
    return "version, project and ESP-IDF version have at most 31 bytes";
  }
  return {};
}

std::vector<std::string_view> image_chips() {
  std::vector<std::string_view> names;
  for (const Chip& chip : kChips) names.push_back(chip.name);
  return names;
}

Image build_image(const ImageOptions& options) {
  if (const std::string reason = why_not_an_image(options); !reason.empty()) {
    std::fprintf(stderr, "build_image: %s\n", reason.c_str());
    std::abort();
  }
  return Builder(options).build();
}

}  // namespace fuota::test
