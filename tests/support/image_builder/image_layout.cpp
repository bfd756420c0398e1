#include "tests/support/image_builder/image_layout.hpp"

#include <openssl/evp.h>

namespace fuota::test {
namespace {

constexpr std::uint8_t kChecksumSeed = 0xEF;

bool has_digest(const Image& image) {
  return image[kHasDigestAt] == 1;
}

std::uint8_t checksum_of_segments(const Image& image) {
  std::uint8_t checksum = kChecksumSeed;
  std::size_t at = kHeaderBytes;
  for (int left = image[kSegmentCountAt]; left > 0; --left) {
    const std::size_t begin = at + kSegmentHeaderBytes;
    at = begin + get_u32(image, at + 4);
    for (std::size_t i = begin; i < at; ++i) checksum ^= image[i];
  }
  return checksum;
}

}  // namespace

void put_u16(Image& image, std::size_t at, std::uint16_t value) {
  image[at] = static_cast<std::uint8_t>(value);
  image[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

void put_u32(Image& image, std::size_t at, std::uint32_t value) {
  put_u16(image, at, static_cast<std::uint16_t>(value));
  put_u16(image, at + 2, static_cast<std::uint16_t>(value >> 16));
}

std::uint32_t get_u32(const Image& image, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | image[at + i];
  return value;
}

std::size_t checksum_at(const Image& image) {
  return image.size() - (has_digest(image) ? kDigestBytes : 0) - 1;
}

void seal(Image& image) {
  image[checksum_at(image)] = checksum_of_segments(image);
  seal_digest(image);
}

void seal_digest(Image& image) {
  if (!has_digest(image)) return;
  const std::size_t at = image.size() - kDigestBytes;
  sha256(std::span(image).first(at), std::span(image).subspan(at));
}

void sha256(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> out) {
  EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr);
}

}  // namespace fuota::test
