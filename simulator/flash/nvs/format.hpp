#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "simulator/flash/flash_chip.hpp"

/// What ESP-IDF's NVS looks like in the flash (format version 2, as v4.4 to v6.0 write it; source:
/// nvs_constants.h, nvs_types.hpp and nvs_page.hpp of v5.5.5).
///
/// A partition is a number of pages, each one a sector of the flash:
///
///     offset  bytes
///          0     32  PageHeader
///         32     32  the states of the entries, 2 bits each, entry 0 in the lowest bits
///         64   4032  126 entries of 32 bytes
///
/// An item is a run of entries: an Item, and behind it the bytes of a string or a blob's chunk,
/// padded with 0xFF to whole entries. All numbers are little-endian.
namespace simulator::flash::nvs {

static_assert(std::endian::native == std::endian::little, "structures are those in the flash");

constexpr std::size_t kPageBytes = kSectorBytes;
constexpr std::size_t kEntryBytes = 32;
constexpr std::size_t kEntriesPerPage = 126;
constexpr std::size_t kEntryStatesOffset = 32;
constexpr std::size_t kEntriesOffset = 64;
constexpr std::size_t kKeyLengthMax = 15;
/// The longest string with its NUL, and the longest chunk of a blob: a page without one entry.
constexpr std::size_t kDataBytesMax = (kEntriesPerPage - 1) * kEntryBytes;
constexpr std::size_t kChunksMax = 127;
/// Versions count downwards: a smaller number is a newer format.
constexpr std::uint8_t kFormatVersion = 0xFE;

/// Each state has a bit less than the one before, so that it can be written over it.
enum class PageState : std::uint32_t {
  blank = 0xFFFFFFFF,
  active = 0xFFFFFFFE,   ///< takes new items
  full = 0xFFFFFFFC,     ///< takes no new items any more
  freeing = 0xFFFFFFF8,  ///< its items are being copied to another page
  corrupt = 0xFFFFFFF0,  ///< not readable; never written, only found
};

struct PageHeader {
  PageState state = PageState::blank;
  std::uint32_t sequence = 0;  ///< pages were begun in this order
  std::uint8_t version = kFormatVersion;
  std::array<std::uint8_t, 19> reserved = {};  ///< all bytes are 0xFF
  std::uint32_t crc = 0;                       ///< of all fields but `state`

  /// A header whose fields are all right.
  static PageHeader make(PageState state, std::uint32_t sequence);
  [[nodiscard]] std::uint32_t expected_crc() const;
};
static_assert(sizeof(PageHeader) == kEntryBytes);

enum class EntryState : std::uint8_t {
  empty = 0b11,
  written = 0b10,
  erased = 0b00,
  illegal = 0b01,  ///< left by a torn write of `erased` over `empty`
};

enum class ItemType : std::uint8_t {
  u8 = 0x01,
  i8 = 0x11,
  u16 = 0x02,
  i16 = 0x12,
  u32 = 0x04,
  i32 = 0x14,
  u64 = 0x08,
  i64 = 0x18,
  string = 0x21,
  old_blob = 0x41,  ///< of format version 1: in one piece, without an index; only read
  blob_chunk = 0x42,
  blob_index = 0x48,
};

/// Whether the value is in entries of its own behind the Item.
[[nodiscard]] constexpr bool has_data_entries(ItemType type) {
  return type == ItemType::string || type == ItemType::old_blob || type == ItemType::blob_chunk;
}

/// Whether the value is a number, in the Item itself.
[[nodiscard]] constexpr bool is_number(ItemType type) {
  return !has_data_entries(type) && type != ItemType::blob_index;
}

/// How many bytes a number of that type has: the lower half of its code.
[[nodiscard]] constexpr std::size_t number_bytes(ItemType type) {
  return static_cast<std::uint8_t>(type) & 0x0F;
}

/// The type of the numbers that have C++'s type `Number`.
template <std::integral Number>
[[nodiscard]] constexpr ItemType type_of_number() {
  constexpr std::size_t kSigned = 0x10;
  return static_cast<ItemType>(sizeof(Number) | (std::is_signed_v<Number> ? kSigned : 0));
}

/// The entries that an item with `data_bytes` behind it takes.
[[nodiscard]] constexpr std::size_t entries_for(std::size_t data_bytes) {
  return 1 + (data_bytes + kEntryBytes - 1) / kEntryBytes;
}

/// The name of a key or a namespace, padded with zeros.
using Key = std::array<char, kKeyLengthMax + 1>;

/// Cuts a longer name off, as NVS does when it looks for one.
[[nodiscard]] Key to_key(std::string_view name);

/// A blob is written whole before the index that makes it valid; a new version of it beside the
/// old one, so the highest bit of the chunks' numbers alternates from version to version.
constexpr std::uint8_t kChunkVersionBit = 0x80;
/// What an item that isn't a chunk has for a chunk number.
constexpr std::uint8_t kNoChunk = 0xFF;

/// The first entry of an item.
struct Item {
  /// The last fields of an item that has data entries.
  struct Data {
    std::uint16_t bytes = 0;
    std::uint16_t reserved = 0xFFFF;
    std::uint32_t crc = 0;
  };
  /// The last fields of a blob's index.
  struct Blob {
    std::uint32_t bytes = 0;  ///< of all chunks
    std::uint8_t chunk_count = 0;
    std::uint8_t first_chunk = 0;  ///< 0 or kChunkVersionBit
    std::uint16_t reserved = 0xFFFF;
  };

  std::uint8_t namespace_index = 0;  ///< 0: a namespace, whose index is the value
  ItemType type = ItemType::u8;
  std::uint8_t span = 1;  ///< entries, this one included
  std::uint8_t chunk = kNoChunk;
  std::uint32_t crc = 0;  ///< of all other fields
  Key key = {};
  std::array<std::uint8_t, 8> value = {};

  /// An item that is ready to be written. `number` has number_bytes(type) bytes.
  static Item of_number(std::uint8_t namespace_index, ItemType type, const Key& key,
                        std::span<const std::uint8_t> number);
  /// `data` has at most kDataBytesMax bytes, which go into the following entries.
  static Item of_data(std::uint8_t namespace_index, ItemType type, const Key& key,
                      std::uint8_t chunk, std::span<const std::uint8_t> data);
  static Item of_blob(std::uint8_t namespace_index, const Key& key, const Blob& blob);

  [[nodiscard]] Data data() const { return std::bit_cast<Data>(value); }
  [[nodiscard]] Blob blob() const { return std::bit_cast<Blob>(value); }

  [[nodiscard]] bool is_named(std::uint8_t index, const Key& name) const;
  /// Whether this is a chunk of the version of a blob whose numbers begin with `first_chunk`.
  [[nodiscard]] bool is_chunk_of_version(std::uint8_t first_chunk) const;

  [[nodiscard]] std::uint32_t expected_crc() const;
  /// Whether this can be an item that begins at that entry of a page: its checksum, its type, and
  /// a length that stays within the page.
  [[nodiscard]] bool is_valid_at(std::size_t entry) const;
};
static_assert(sizeof(Item) == kEntryBytes);
static_assert(sizeof(Item::Data) == 8 && sizeof(Item::Blob) == 8);

}  // namespace simulator::flash::nvs
