#include <string_view>

#include "tests/support/image_builder/image_builder.hpp"
#include "tests/support/image_builder/image_layout.hpp"

namespace fuota::test {
namespace {

/// In a segment, behind the description.
constexpr std::size_t kPayloadAt = kDescriptionAt + kDescriptionBytes;

void break_magic(Image& image) {
  image[kMagicAt] = 0xE8;
  seal_digest(image);
}
void break_chip(Image& image) {
  put_u16(image, kChipIdAt, 0x7777);
  seal_digest(image);
}
void demand_newer_chip(Image& image) {
  put_u16(image, kChipRevisionMinAt, 9999);
  seal_digest(image);
}
void demand_older_chip(Image& image) {
  put_u16(image, kChipRevisionMinAt, 0);
  put_u16(image, kChipRevisionMaxAt, 1);
  seal_digest(image);
}
void claim_too_many_segments(Image& image) {
  image[kSegmentCountAt] = 17;
  seal_digest(image);
}
void unalign_segment(Image& image) {
  put_u32(image, kFirstLengthAt, get_u32(image, kFirstLengthAt) + 1);
  seal_digest(image);
}
void lengthen_segment(Image& image) {
  put_u32(image, kFirstLengthAt, 16 * 1024 * 1024);
  seal_digest(image);
}
void move_segment(Image& image) {
  put_u32(image, kFirstLoadAddressAt, get_u32(image, kFirstLoadAddressAt) + 4);
  seal_digest(image);
}
void break_checksum(Image& image) {
  image[checksum_at(image)] ^= 0x01;
  seal_digest(image);
}
void break_digest(Image& image) {
  image.back() ^= 0x80;
}
void flip_bit(Image& image) {
  image[kPayloadAt] ^= 0x10;
}
void flip_two_bits(Image& image) {
  image[kPayloadAt] ^= 0x10;
  image[kPayloadAt + 1] ^= 0x10;
}

struct Row {
  Damage damage;
  std::string_view name;
  void (*apply)(Image&);
};

constexpr Row kDamages[] = {
    {Damage::magic, "magic", break_magic},
    {Damage::chip, "chip", break_chip},
    {Damage::chip_revision_too_old, "chip_revision_too_old", demand_newer_chip},
    {Damage::chip_revision_too_new, "chip_revision_too_new", demand_older_chip},
    {Damage::too_many_segments, "too_many_segments", claim_too_many_segments},
    {Damage::segment_length_not_aligned, "segment_length_not_aligned", unalign_segment},
    {Damage::segment_too_long, "segment_too_long", lengthen_segment},
    {Damage::segment_not_congruent, "segment_not_congruent", move_segment},
    {Damage::checksum, "checksum", break_checksum},
    {Damage::digest, "digest", break_digest},
    {Damage::payload_bit, "payload_bit", flip_bit},
    {Damage::payload_two_bits, "payload_two_bits", flip_two_bits},
};

const Row& row_of(Damage damage) {
  return kDamages[static_cast<std::size_t>(damage)];
}

}  // namespace

std::vector<Damage> all_damages() {
  std::vector<Damage> damages;
  for (const Row& row : kDamages) damages.push_back(row.damage);
  return damages;
}

std::string_view name_of(Damage damage) {
  return row_of(damage).name;
}

Image damaged(Image image, Damage damage) {
  row_of(damage).apply(image);
  return image;
}

}  // namespace fuota::test
