#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "esp_err.h"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/nvs/blobs.hpp"
#include "simulator/flash/nvs/format.hpp"
#include "simulator/flash/nvs/page_log.hpp"
#include "simulator/flash/nvs/region.hpp"

namespace simulator::flash::nvs {

/// How callers name the type of a blob, however it is stored.
constexpr ItemType kBlob = ItemType::blob_index;

struct Statistics {
  std::size_t used_entries = 0;
  std::size_t free_entries = 0;  ///< all others: those that are erased included
  std::size_t total_entries = 0;
  std::size_t namespace_count = 0;
};

/// The keys and values of an NVS partition, with the rules of ESP-IDF's nvs_storage.cpp (v5.5.5).
/// Works in a task of a running chip, where operations take their virtual time and a cut of the
/// power ends the task, as well as outside, where a cut gives kPowerLost; then the storage is to be
/// dropped.
///
/// A cut at or in any flash operation of `set`, `erase_key` and `open_namespace` leaves that key or
/// namespace as it was or as it was to be, and all others as they were.
///
/// Without cuts the bytes in the flash are those that v5.5.5 writes. It is more careful than that
/// where v5.5.5 can lose a value or its space:
/// - Checksums of values are looked at when mounting, not when reading: a torn repair can make a
///   new value count whose bytes were never written, and the old one would be erased for it.
/// - Page::load finds a torn entry also where its first four bytes are untouched, and PageLog keeps
///   a complete copy of a page whose erasing was torn.
/// - A value that a cut left behind a newer one of another type is erased when mounting.
/// - A blob that doesn't fit leaves no chunks behind, and none of the old one's is erased.
/// - The last chunk in the newest page doesn't make mounting erase an earlier one of its blob
/// there,
///   which v5.5.5 does, after a cut or a refused write that came behind the move of a page.
///
/// Wherever a key is looked for, only its first kKeyLengthMax bytes count; setting a longer one is
/// refused. A `type` is that of a number, ItemType::string, or kBlob; a value is its bytes, for a
/// string with its NUL.
class Storage {
 public:
  /// The chip must outlive the storage. Nothing is read yet.
  Storage(FlashChip& chip, std::uint32_t address, std::size_t size_bytes)
      : region_(chip, address, size_bytes), log_(region_), blobs_(log_) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// Reads the partition and completes what a cut interrupted; an erased partition is an empty
  /// storage. Before anything else, once; after an error the storage is of no use.
  /// ESP_OK; kPowerLost; ESP_ERR_NVS_NO_FREE_PAGES; ESP_ERR_NVS_NEW_VERSION_FOUND;
  /// ESP_ERR_NVS_NOT_ENOUGH_SPACE: the partition is smaller than a page.
  [[nodiscard]] esp_err_t mount();

  /// ESP_OK: `index` is what the other functions call the namespace; ESP_ERR_NVS_NOT_FOUND: there
  /// is none and `create` is false; else as for `set`.
  [[nodiscard]] esp_err_t open_namespace(std::string_view name, bool create, std::uint8_t& index);

  /// ESP_OK; kPowerLost; ESP_ERR_NVS_KEY_TOO_LONG; ESP_ERR_NVS_VALUE_TOO_LONG;
  /// ESP_ERR_NVS_NOT_ENOUGH_SPACE: nothing is changed.
  [[nodiscard]] esp_err_t set(std::uint8_t namespace_index, ItemType type, std::string_view key,
                              std::span<const std::uint8_t> value);

  /// The length of a value in bytes; nothing when there is no such key, or it has another type.
  [[nodiscard]] std::optional<std::size_t> size_of(std::uint8_t namespace_index, ItemType type,
                                                   std::string_view key) const;
  /// Copies a value to `out`, which has as many bytes as `size_of` told.
  /// ESP_OK; ESP_ERR_NVS_NOT_FOUND: no such key, or another type; ESP_ERR_NVS_INVALID_LENGTH.
  [[nodiscard]] esp_err_t get(std::uint8_t namespace_index, ItemType type, std::string_view key,
                              std::span<std::uint8_t> out) const;

  /// ESP_OK; ESP_ERR_NVS_NOT_FOUND; kPowerLost.
  [[nodiscard]] esp_err_t erase_key(std::uint8_t namespace_index, std::string_view key);
  /// Erases all keys of a namespace, one after the other. ESP_OK; kPowerLost.
  [[nodiscard]] esp_err_t erase_namespace(std::uint8_t namespace_index);

  [[nodiscard]] Statistics statistics() const;
  /// The entries that the keys of a namespace take.
  [[nodiscard]] std::size_t used_entries(std::uint8_t namespace_index) const;

 private:
  [[nodiscard]] std::optional<Location> find(std::uint8_t namespace_index, ItemType type,
                                             const Key& key) const;
  [[nodiscard]] bool holds(const Location& location, std::span<const std::uint8_t> value) const;
  [[nodiscard]] std::optional<std::uint8_t> unused_namespace_index() const;

  esp_err_t append_item(std::uint8_t namespace_index, ItemType type, const Key& key,
                        std::span<const std::uint8_t> value, Location& appended);
  /// `kept` is the item or the index of the blob that stays, or null.
  esp_err_t erase_values(std::uint8_t namespace_index, const Key& key, const Location* kept);

  Region region_;
  PageLog log_;
  Blobs blobs_;
};

}  // namespace simulator::flash::nvs
