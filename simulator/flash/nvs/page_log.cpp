#include "simulator/flash/nvs/page_log.hpp"

#include <algorithm>

#include "nvs.h"

namespace simulator::flash::nvs {

PageLog::PageLog(Region& region) {
  const std::size_t count = region.size_bytes() / kPageBytes;
  pages_.reserve(count);
  used_.reserve(count);
  free_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pages_.emplace_back(region, i * kPageBytes);
}

esp_err_t PageLog::load() {
  for (Page& page : pages_) {
    if (const esp_err_t error = page.load()) return error;
  }
  sort_pages();
  if (used_.empty()) return use_free_page();
  next_sequence_ = newest().sequence() + 1;
  if (const esp_err_t error = finish_interrupted_move()) return error;
  return free_.empty() ? ESP_ERR_NVS_NO_FREE_PAGES : ESP_OK;
}

void PageLog::sort_pages() {
  for (Page& page : pages_) (page.is_in_use() ? used_ : free_).push_back(&page);
  std::ranges::stable_sort(used_, {}, &Page::sequence);
}

std::size_t PageLog::used_entries() const {
  std::size_t used = 0;
  for (const Page* page : used_) used += page->used_entries();
  return used;
}

esp_err_t PageLog::open_page() {
  if (newest().state() == PageState::active) {
    if (const esp_err_t error = newest().mark_full()) return error;
  }
  if (free_.size() >= 2) return use_free_page();
  Page* source = page_with_most_to_gain();
  if (source == nullptr || free_.empty()) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  if (const esp_err_t error = source->mark_freeing()) return error;
  if (const esp_err_t error = use_free_page()) return error;
  return move_items_from(*source);
}

esp_err_t PageLog::append(const Item& item, std::span<const std::uint8_t> data,
                          Location& appended) {
  appended = {&newest(), newest().next_free_entry()};
  return newest().append(item, data);
}

/// Null when every entry of every page is in use.
Page* PageLog::page_with_most_to_gain() const {
  Page* best = nullptr;
  std::size_t fewest_used = kEntriesPerPage;
  for (Page* page : used_) {
    if (page->used_entries() >= fewest_used) continue;
    fewest_used = page->used_entries();
    best = page;
  }
  return best;
}

/// A corrupt page has been kept as it was until now, since it was of no use for anything else.
esp_err_t PageLog::use_free_page() {
  if (free_.empty()) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  Page* page = free_.front();
  if (page->state() == PageState::corrupt) {
    if (const esp_err_t error = page->erase()) return error;
  }
  free_.erase(free_.begin());
  page->set_sequence(next_sequence_++);
  used_.push_back(page);
  return ESP_OK;
}

esp_err_t PageLog::move_items_from(Page& page) {
  if (const esp_err_t error = newest().append_items_of(page)) return error;
  if (const esp_err_t error = page.erase()) return error;
  release(page);
  return ESP_OK;
}

/// The page that items were moved to is the newest one, and nothing else was written to it. ESP-IDF
/// erases it and begins again. But when the cut came while the old page was being erased, the copy
/// is all that there is: so it is kept if it has everything that can still be read in the old page.
esp_err_t PageLog::finish_interrupted_move() {
  const auto is_freeing = [](const Page* page) { return page->state() == PageState::freeing; };
  const auto found = std::ranges::find_if(used_, is_freeing);
  if (found == used_.end()) return ESP_OK;
  Page& source = **found;
  if (Page& copy = newest(); copy.state() == PageState::active) {
    if (copy.begins_with_items_of(source)) {
      if (const esp_err_t error = source.erase()) return error;
      release(source);
      return ESP_OK;
    }
    if (const esp_err_t error = copy.erase()) return error;
    release(copy);
  }
  if (const esp_err_t error = use_free_page()) return error;
  return move_items_from(source);
}

void PageLog::release(Page& page) {
  std::erase(used_, &page);
  free_.push_back(&page);
}

}  // namespace simulator::flash::nvs
