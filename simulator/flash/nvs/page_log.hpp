#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "esp_err.h"
#include "simulator/flash/nvs/page.hpp"
#include "simulator/flash/nvs/region.hpp"

namespace simulator::flash::nvs {

/// Where an item is. Good until the log opens a page, which may move it.
struct Location {
  Page* page = nullptr;
  std::size_t entry = 0;

  [[nodiscard]] Item item() const { return page->item(entry); }
  [[nodiscard]] std::span<const std::uint8_t> value() const { return page->value(entry); }
  [[nodiscard]] esp_err_t erase() const { return page->erase_item(entry); }
  bool operator==(const Location&) const = default;
};

/// The pages of a partition as one log: the newest page takes the items, and when it is full, the
/// items of the page with the most room to gain move to a free one. One page always stays free for
/// that. The order of the flash operations is that of ESP-IDF's nvs_pagemanager.cpp.
///
/// None of its functions holds memory of its own while it operates on the flash, where a cut of
/// the power ends the calling task without unwinding.
class PageLog {
 public:
  /// The region must outlive the log; its size is a number of whole pages.
  explicit PageLog(Region& region);
  PageLog(const PageLog&) = delete;
  PageLog& operator=(const PageLog&) = delete;

  /// Reads all pages, and completes a move of items that a cut interrupted. Once.
  /// ESP_OK; kPowerLost; ESP_ERR_NVS_NEW_VERSION_FOUND; ESP_ERR_NVS_NO_FREE_PAGES: all pages are
  /// in use; ESP_ERR_NVS_NOT_ENOUGH_SPACE: there is no page at all.
  [[nodiscard]] esp_err_t load();

  [[nodiscard]] std::size_t page_count() const { return pages_.size(); }
  [[nodiscard]] std::size_t used_entries() const;

  /// How many entries the newest page can still take.
  [[nodiscard]] std::size_t free_entries() const { return newest().free_entries(); }
  /// Ends the newest page and begins another one: a free one, or, when that is the last, one that
  /// gets the items of a page with erased entries first (which may leave little room).
  /// ESP_OK; kPowerLost; ESP_ERR_NVS_NOT_ENOUGH_SPACE: no page has erased entries.
  [[nodiscard]] esp_err_t open_page();
  /// Appends an item to the newest page, where it fits, and tells where it is. ESP_OK, kPowerLost.
  [[nodiscard]] esp_err_t append(const Item& item, std::span<const std::uint8_t> data,
                                 Location& appended);

  /// The first item, oldest page first, for which `matches(Item, Location)` is true. `matches` must
  /// not change the log.
  template <class Predicate>
  [[nodiscard]] std::optional<Location> find(Predicate matches) const {
    for (Page* page : used_) {
      std::size_t span = 0;
      for (std::size_t entry = page->next_item(0); entry < kEntriesPerPage;
           entry = page->next_item(entry + span)) {
        const Item item = page->item(entry);
        span = item.span;
        if (matches(item, Location{page, entry})) return Location{page, entry};
      }
    }
    return std::nullopt;
  }

  /// Calls `visit(Item, Location)` for each item, in the same order. It must not change the log.
  template <class Visitor>
  void for_each(Visitor visit) const {
    (void)find([&](const Item& item, const Location& location) {
      visit(item, location);
      return false;
    });
  }

  /// Erases all items for which `matches(Item, Location)` is true, in the same order.
  /// ESP_OK, kPowerLost.
  template <class Predicate>
  [[nodiscard]] esp_err_t erase_all(Predicate matches) {
    while (const auto found = find(matches)) {
      if (const esp_err_t error = found->erase()) return error;
    }
    return ESP_OK;
  }

 private:
  [[nodiscard]] Page& newest() const { return *used_.back(); }
  void sort_pages();
  [[nodiscard]] Page* page_with_most_to_gain() const;
  esp_err_t use_free_page();
  esp_err_t move_items_from(Page& page);
  esp_err_t finish_interrupted_move();
  void release(Page& page);

  std::vector<Page> pages_;
  std::vector<Page*> used_;  ///< oldest first
  std::vector<Page*> free_;  ///< blank or corrupt, next one to use first: wear goes round
  std::uint32_t next_sequence_ = 0;
};

}  // namespace simulator::flash::nvs
