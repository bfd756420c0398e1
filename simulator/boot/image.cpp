#include "simulator/boot/image.hpp"

#include <mbedtls/sha256.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "esp_app_desc.h"
#include "simulator/boot/text.hpp"

namespace simulator::boot {
namespace {

constexpr char kTag[] = "esp_image";
constexpr char kTagCommon[] = "boot_comm";
constexpr std::uint32_t kSizeLimitBytes = 16 * 1024 * 1024;
constexpr std::uint8_t kChecksumSeed = 0xEF;
constexpr std::uint32_t kChecksumAlignment = 16;
/// Segments below this address are padding; the bootloader skips them.
constexpr std::uint32_t kLoadAddressMin = 0x10000000;

static_assert(sizeof(esp_image_header_t) == 24);
static_assert(sizeof(esp_image_segment_header_t) == 8);
static_assert(sizeof(esp_app_desc_t) == 256);

using Bytes = std::span<const std::uint8_t>;

class Sha256 {
 public:
  Sha256() {
    mbedtls_sha256_init(&context_);
    mbedtls_sha256_starts_ret(&context_, 0);
  }
  ~Sha256() { mbedtls_sha256_free(&context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(Bytes bytes) { mbedtls_sha256_update_ret(&context_, bytes.data(), bytes.size()); }

  std::array<std::uint8_t, ESP_IMAGE_HASH_LEN> finish() {
    std::array<std::uint8_t, ESP_IMAGE_HASH_LEN> digest{};
    mbedtls_sha256_finish_ret(&context_, digest.data());
    return digest;
  }

 private:
  mbedtls_sha256_context context_;
};

std::uint8_t xor_of(Bytes bytes) {
  std::uint64_t words = 0;
  for (; bytes.size() >= sizeof words; bytes = bytes.subspan(sizeof words)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    words ^= word;
  }
  words ^= words >> 32;
  words ^= words >> 16;
  words ^= words >> 8;
  for (const std::uint8_t byte : bytes) words ^= byte;
  return static_cast<std::uint8_t>(words);
}

bool any_holds(std::span<const AddressRange> ranges, std::uint32_t address) {
  return std::ranges::any_of(ranges,
                             [&](const AddressRange& range) { return range.holds(address); });
}

/// One pass over one image. Each step returns ESP_OK to go on.
class Examination {
 public:
  Examination(const flash::FlashChip& chip, const ChipModel& model, kernel::IdfVersion idf,
              ImageUse use, Surroundings& surroundings, esp_image_metadata_t& image)
      : chip_(chip),
        model_(model),
        idf_(idf),
        use_(use),
        surroundings_(surroundings),
        image_(image) {}

  esp_err_t run(const esp_partition_pos_t& part) {
    if (part.size > kSizeLimitBytes) {
      complain(Text("partition size 0x%" PRIx32 " invalid, larger than 16MB", part.size));
      return ESP_ERR_INVALID_ARG;
    }
    if (const esp_err_t error = header(part.offset)) return error;
    for (int index = 0; index < image_.image.segment_count; ++index) {
      if (const esp_err_t error = segment(index)) return error;
    }
    if (const esp_err_t error = checksum()) return error;
    if (const esp_err_t error = appended_digest(part.size)) return error;
    return digest_matches();
  }

 private:
  [[nodiscard]] bool checks_contents() const { return use_ != ImageUse::describe; }
  [[nodiscard]] bool is_silent() const {
    return use_ == ImageUse::verify_silent || use_ == ImageUse::describe;
  }

  void log(LogLevel level, const char* tag, const char* message) {
    surroundings_.log(level, tag, message);
  }
  void complain(const char* message) {
    if (!is_silent()) log(LogLevel::error, kTag, message);
  }
  esp_err_t invalid(const char* message) {
    complain(message);
    return ESP_ERR_IMAGE_INVALID;
  }

  /// The next bytes of the image; none when they are behind the end of the chip.
  [[nodiscard]] std::optional<Bytes> at_end_of_image(std::uint32_t length) const {
    const std::uint64_t address = std::uint64_t{image_.start_addr} + image_.image_len;
    if (address + length > chip_.size_bytes()) return std::nullopt;
    return chip_.content().subspan(address, length);
  }

  /// Takes the next bytes of the image into account.
  esp_err_t take(std::uint32_t length, Bytes& bytes) {
    const auto taken = at_end_of_image(length);
    if (!taken) {
      log(LogLevel::error, kTag,
          Text("bootloader_mmap(0x%" PRIx32 ", 0x%" PRIx32 ") failed",
               image_.start_addr + image_.image_len, length));
      return ESP_FAIL;
    }
    bytes = *taken;
    image_.image_len += length;
    if (image_.image.hash_appended != 0 && checks_contents()) sha_.add(bytes);
    return ESP_OK;
  }

  esp_err_t header(std::uint32_t address) {
    image_ = {};
    image_.start_addr = address;
    const auto bytes = at_end_of_image(sizeof image_.image);
    if (!bytes) return ESP_ERR_IMAGE_FLASH_FAIL;
    std::memcpy(&image_.image, bytes->data(), sizeof image_.image);
    if (checks_contents()) {
      if (const esp_err_t error = check_header()) return error;
    } else if (image_.image.segment_count > ESP_IMAGE_MAX_SEGMENTS) {
      return ESP_ERR_IMAGE_INVALID;  // ESP-IDF would write behind its array here
    }
    Bytes taken;
    return take(sizeof image_.image, taken);
  }

  esp_err_t check_header() {
    if (image_.image.magic != ESP_IMAGE_HEADER_MAGIC) {
      return invalid(Text("image at 0x%" PRIx32 " has invalid magic byte (nothing flashed here?)",
                          image_.start_addr));
    }
    if (const esp_err_t error = chip_validity()) return error;
    if (image_.image.segment_count > ESP_IMAGE_MAX_SEGMENTS) {
      return invalid(Text("image at 0x%" PRIx32 " segment count %d exceeds max %d",
                          image_.start_addr, image_.image.segment_count, ESP_IMAGE_MAX_SEGMENTS));
    }
    return ESP_OK;
  }

  /// These lines appear in silent checks too.
  esp_err_t chip_validity() {
    const esp_image_header_t& header = image_.image;
    if (header.chip_id != model_.id) {
      log(LogLevel::error, kTagCommon,
          Text("mismatch chip ID, expected %d, found %d", model_.id, header.chip_id));
      return ESP_FAIL;
    }
    if (idf_ == kernel::IdfVersion::v4_4) return chip_validity_in_v4(header.min_chip_rev);
    const unsigned low = header.min_chip_rev_full;
    const unsigned high = header.max_chip_rev_full;
    if (model_.revision < low) return wrong_revision(">=", low);
    const bool has_high = high != 0 && high != 0xFFFF;
    if (has_high && model_.revision > high) return wrong_revision("<=", high);
    return ESP_OK;
  }

  /// bootloader_common_check_chip_validity of v4.4.4.
  esp_err_t chip_validity_in_v4(unsigned required) {
    const unsigned revision =
        model_.old_headers_name_major ? model_.revision / 100 : model_.revision % 100;
    if (revision >= required) return ESP_OK;
    log(LogLevel::error, kTagCommon,
        Text("This chip is revision %d but the application is configured for minimum revision %d. "
             "Can't run.",
             revision, required));
    return ESP_FAIL;
  }

  esp_err_t wrong_revision(const char* relation, unsigned required) {
    log(LogLevel::error, kTagCommon,
        Text("chip revision check failed. Required %s v%d.%d, found v%d.%d.", relation,
             required / 100, required % 100, model_.revision / 100, model_.revision % 100));
    return ESP_FAIL;
  }

  esp_err_t segment(int index) {
    Bytes bytes;
    if (const esp_err_t error = take(sizeof(esp_image_segment_header_t), bytes)) return error;
    esp_image_segment_header_t& header = image_.segments[index];
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::uint32_t data_address = image_.start_addr + image_.image_len;
    image_.segment_data[index] = data_address;
    if (const esp_err_t error = segment_header(index, header, data_address)) return error;
    announce_segment(index, header, data_address);
    if (use_ == ImageUse::load) {
      if (const esp_err_t error = load_address(index, header)) return error;
    }
    if (const esp_err_t error = take(header.data_len, bytes)) return error;
    if (checks_contents()) {
      checksum_ ^= xor_of(bytes);
      surroundings_.spend(std::int64_t{header.data_len} * kVerifyUsPer1000Bytes / 1000);
    }
    return ESP_OK;
  }

  esp_err_t segment_header(int index, const esp_image_segment_header_t& header,
                           std::uint32_t data_address) {
    if (header.data_len % 4 != 0 || header.data_len >= kSizeLimitBytes) {
      return invalid(Text("invalid segment length 0x%" PRIx32, header.data_len));
    }
    if (index == 0 && model_.page_size_in_image) {
      if (const esp_err_t error = page_size()) return error;
    }
    if (is_mapped(header) && data_address % page_bytes_ != header.load_addr % page_bytes_) {
      return invalid(Text("Segment %d load address 0x%08" PRIx32
                          ", doesn't match data 0x%08" PRIx32,
                          index, header.load_addr, data_address));
    }
    return ESP_OK;
  }

  /// Chips with pages of several sizes find the image's in its description.
  esp_err_t page_size() {
    const auto bytes = at_end_of_image(sizeof(esp_app_desc_t));
    esp_app_desc_t description{};
    if (bytes) std::memcpy(&description, bytes->data(), sizeof description);
    if (description.magic_word != ESP_APP_DESC_MAGIC_WORD) {
      log(LogLevel::error, kTag, "Failed to fetch app description header!");
      return ESP_FAIL;
    }
    const unsigned exponent = description.mmu_page_size;
    if (exponent > 0 && exponent < 32) page_bytes_ = std::uint32_t{1} << exponent;
    return ESP_OK;
  }

  [[nodiscard]] bool is_mapped(const esp_image_segment_header_t& header) const {
    return any_holds(model_.flash_mapped, header.load_addr);
  }
  [[nodiscard]] bool is_loaded(const esp_image_segment_header_t& header) const {
    return use_ == ImageUse::load && !is_mapped(header) && header.load_addr >= kLoadAddressMin;
  }

  void announce_segment(int index, const esp_image_segment_header_t& header,
                        std::uint32_t data_address) {
    if (is_silent()) return;
    const char* fate = is_loaded(header) ? "load" : is_mapped(header) ? "map" : "";
    log(LogLevel::info, kTag,
        Text("segment %d: paddr=%08" PRIx32 " vaddr=%08" PRIx32 " size=%05" PRIx32 "h (%6" PRIu32
             ") %s",
             index, data_address, header.load_addr, header.data_len, header.data_len, fate));
  }

  esp_err_t load_address(int index, const esp_image_segment_header_t& header) {
    if (!is_loaded(header) || header.data_len == 0) return ESP_OK;
    const std::uint32_t last = header.load_addr + header.data_len - 1;
    const bool fits = std::ranges::any_of(model_.loadable, [&](const AddressRange& range) {
      return range.holds(header.load_addr) && range.holds(last);
    });
    if (fits) return ESP_OK;
    log(LogLevel::error, kTag,
        Text("Segment %d 0x%08" PRIx32 "-0x%08" PRIx32 " invalid: bad load address range", index,
             header.load_addr, last + 1));
    return ESP_ERR_IMAGE_INVALID;
  }

  /// Zeros up to the last byte of a block of 16, which is the checksum.
  esp_err_t checksum() {
    const std::uint32_t padded =
        (image_.image_len + kChecksumAlignment) / kChecksumAlignment * kChecksumAlignment;
    Bytes bytes;
    if (const esp_err_t error = take(padded - image_.image_len, bytes)) return error;
    if (checks_contents() && bytes.back() != checksum_) {
      return invalid(Text("Checksum failed. Calculated 0x%x read 0x%x", checksum_, bytes.back()));
    }
    return ESP_OK;
  }

  esp_err_t appended_digest(std::uint32_t part_bytes) {
    if (image_.image.hash_appended != 0) {
      const auto bytes = at_end_of_image(ESP_IMAGE_HASH_LEN);
      if (!bytes) return ESP_ERR_IMAGE_FLASH_FAIL;
      std::ranges::copy(*bytes, image_.image_digest);
      image_.image_len += ESP_IMAGE_HASH_LEN;
    }
    if (image_.image_len > part_bytes) {
      return invalid(Text("Image length %" PRIu32 " doesn't fit in partition length %" PRIu32,
                          image_.image_len, part_bytes));
    }
    return ESP_OK;
  }

  esp_err_t digest_matches() {
    if (!checks_contents() || image_.image.hash_appended == 0) return ESP_OK;
    if (std::ranges::equal(sha_.finish(), image_.image_digest)) return ESP_OK;
    log(LogLevel::error, kTag, "Image hash failed - image is corrupt");
    return ESP_ERR_IMAGE_INVALID;
  }

  const flash::FlashChip& chip_;
  const ChipModel& model_;
  const kernel::IdfVersion idf_;
  const ImageUse use_;
  Surroundings& surroundings_;
  esp_image_metadata_t& image_;
  std::uint32_t page_bytes_ = kMmuPageBytes;
  std::uint8_t checksum_ = kChecksumSeed;
  Sha256 sha_;
};

}  // namespace

esp_err_t examine_image(const flash::FlashChip& chip, const ChipModel& model,
                        kernel::IdfVersion idf, ImageUse use, const esp_partition_pos_t& part,
                        Surroundings& surroundings, esp_image_metadata_t& image) {
  const esp_err_t error = Examination(chip, model, idf, use, surroundings, image).run(part);
  if (error != ESP_OK) image = {};
  return error;
}

}  // namespace simulator::boot
