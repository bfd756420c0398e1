#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "esp_err.h"
#include "simulator/flash/nvs/format.hpp"
#include "simulator/flash/nvs/region.hpp"

namespace simulator::flash::nvs {

/// One page of an NVS partition: items are appended to it and erased from it, until it is erased
/// as a whole. The order of its flash operations is that of ESP-IDF's nvs_page.cpp, so that a cut
/// of the power leaves what it would leave there.
///
/// The whole page is kept in memory, so reading items neither takes time nor fails. Entries are
/// counted from 0. Operations give ESP_OK or kPowerLost where nothing else is said.
class Page {
 public:
  /// `offset` in the region, which must outlive the page. To be loaded before anything else.
  Page(Region& region, std::size_t offset) : region_(&region), offset_(offset) {}

  /// Reads the page, and erases the items in it that a cut left half written or half erased, and
  /// those whose bytes have changed. Afterwards every entry in state `written` is part of a valid
  /// and whole item.
  /// ESP_ERR_NVS_NEW_VERSION_FOUND: the page is of a format that is newer than this.
  [[nodiscard]] esp_err_t load();

  [[nodiscard]] PageState state() const { return state_; }
  /// Whether there are, or will be, items in it: neither blank nor corrupt.
  [[nodiscard]] bool is_in_use() const;
  [[nodiscard]] std::uint32_t sequence() const { return sequence_; }
  [[nodiscard]] std::size_t used_entries() const;
  /// How many entries can still be appended.
  [[nodiscard]] std::size_t free_entries() const;

  /// The entry of the first item that begins at `entry` or behind; kEntriesPerPage: none does.
  [[nodiscard]] std::size_t next_item(std::size_t entry) const;
  /// The item that begins at that entry, as `next_item` gave it.
  [[nodiscard]] Item item(std::size_t entry) const;
  /// The number in the item, or the bytes behind it. Good until the page is erased.
  [[nodiscard]] std::span<const std::uint8_t> value(std::size_t entry) const;
  /// Whether the first items here are all the items of `other`, byte by byte.
  [[nodiscard]] bool begins_with_items_of(const Page& other) const;

  /// Gives a blank page its place among the others; written with the first item.
  void set_sequence(std::uint32_t sequence) { sequence_ = sequence; }
  /// Appends an item and its data. Only when they fit.
  [[nodiscard]] esp_err_t append(const Item& item, std::span<const std::uint8_t> data);
  /// The entry that the next item will begin at.
  [[nodiscard]] std::size_t next_free_entry() const { return next_free_; }
  /// Appends copies of all items of `other`. Only when they fit.
  [[nodiscard]] esp_err_t append_items_of(const Page& other);
  [[nodiscard]] esp_err_t erase_item(std::size_t entry);
  [[nodiscard]] esp_err_t mark_full();
  [[nodiscard]] esp_err_t mark_freeing();
  /// Erases the page in the flash: it is blank then.
  [[nodiscard]] esp_err_t erase();

 private:
  [[nodiscard]] EntryState entry_state(std::size_t entry) const;
  [[nodiscard]] std::span<const std::uint8_t> entry_bytes(std::size_t entry,
                                                          std::size_t count) const;
  [[nodiscard]] bool is_untouched(std::size_t entry) const;
  [[nodiscard]] bool is_whole(std::size_t entry, const Item& item) const;

  [[nodiscard]] PageState loaded_state(const PageHeader& header) const;
  [[nodiscard]] std::size_t end_of_touched_entries() const;
  esp_err_t repair();
  esp_err_t repair_entry(std::size_t entry, std::size_t& next);

  esp_err_t write(std::size_t offset, std::span<const std::uint8_t> data);
  esp_err_t write_header();
  esp_err_t write_page_state(PageState state);
  esp_err_t append_entries(std::span<const std::uint8_t> data);
  esp_err_t set_entry_states(std::size_t begin, std::size_t end, EntryState state);

  Region* region_;
  std::size_t offset_;
  std::array<std::uint8_t, kPageBytes> content_ = {};
  PageState state_ = PageState::corrupt;
  std::uint32_t sequence_ = 0;
  std::size_t next_free_ = kEntriesPerPage;
};

}  // namespace simulator::flash::nvs
