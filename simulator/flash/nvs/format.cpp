#include "simulator/flash/nvs/format.hpp"

#include <algorithm>
#include <cstring>

#include "simulator/flash/crc32.hpp"

namespace simulator::flash::nvs {
namespace {

constexpr std::size_t kBlobBytesMax = kChunksMax * kDataBytesMax;

template <class Structure>
std::array<std::uint8_t, sizeof(Structure)> bytes_of(const Structure& structure) {
  return std::bit_cast<std::array<std::uint8_t, sizeof(Structure)>>(structure);
}

bool fits_into_page(const Item& item, std::size_t entry) {
  const std::size_t bytes = item.data().bytes;
  return entry + item.span <= kEntriesPerPage && item.span == entries_for(bytes);
}

}  // namespace

PageHeader PageHeader::make(PageState state, std::uint32_t sequence) {
  PageHeader header{.state = state, .sequence = sequence};
  header.reserved.fill(kErasedByte);
  header.crc = header.expected_crc();
  return header;
}

std::uint32_t PageHeader::expected_crc() const {
  const auto bytes = bytes_of(*this);
  return crc32(std::span(bytes).subspan(
      offsetof(PageHeader, sequence), offsetof(PageHeader, crc) - offsetof(PageHeader, sequence)));
}

Key to_key(std::string_view name) {
  Key key{};
  std::ranges::copy(name.substr(0, kKeyLengthMax), key.begin());
  return key;
}

Item Item::of_number(std::uint8_t namespace_index, ItemType type, const Key& key,
                     std::span<const std::uint8_t> number) {
  Item item{.namespace_index = namespace_index, .type = type, .key = key};
  item.value.fill(kErasedByte);
  std::ranges::copy(number, item.value.begin());
  item.crc = item.expected_crc();
  return item;
}

Item Item::of_data(std::uint8_t namespace_index, ItemType type, const Key& key, std::uint8_t chunk,
                   std::span<const std::uint8_t> data) {
  const Data fields{.bytes = static_cast<std::uint16_t>(data.size()), .crc = crc32(data)};
  Item item{.namespace_index = namespace_index,
            .type = type,
            .span = static_cast<std::uint8_t>(entries_for(data.size())),
            .chunk = chunk,
            .key = key,
            .value = bytes_of(fields)};
  item.crc = item.expected_crc();
  return item;
}

Item Item::of_blob(std::uint8_t namespace_index, const Key& key, const Blob& blob) {
  Item item{.namespace_index = namespace_index,
            .type = ItemType::blob_index,
            .key = key,
            .value = bytes_of(blob)};
  item.crc = item.expected_crc();
  return item;
}

bool Item::is_named(std::uint8_t index, const Key& name) const {
  return namespace_index == index && std::strncmp(key.data(), name.data(), kKeyLengthMax) == 0;
}

bool Item::is_chunk_of_version(std::uint8_t first_chunk) const {
  return type == ItemType::blob_chunk && (chunk & kChunkVersionBit) == first_chunk;
}

std::uint32_t Item::expected_crc() const {
  const auto bytes = bytes_of(*this);
  const auto all = std::span(bytes);
  return crc32(all.subspan(offsetof(Item, key)), crc32(all.first(offsetof(Item, crc))));
}

bool Item::is_valid_at(std::size_t entry) const {
  if (crc != expected_crc()) return false;
  switch (type) {
    case ItemType::u8:
    case ItemType::i8:
    case ItemType::u16:
    case ItemType::i16:
    case ItemType::u32:
    case ItemType::i32:
    case ItemType::u64:
    case ItemType::i64:
      return span == 1;
    case ItemType::blob_index:
      return span == 1 && chunk == kNoChunk && blob().bytes <= kBlobBytesMax &&
             (blob().first_chunk | kChunkVersionBit) == kChunkVersionBit;
    case ItemType::blob_chunk:
      return chunk != kNoChunk && fits_into_page(*this, entry);
    case ItemType::string:
    case ItemType::old_blob:
      return fits_into_page(*this, entry);
  }
  return false;
}

}  // namespace simulator::flash::nvs
