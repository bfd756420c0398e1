#include "simulator/flash/nvs/page.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nvs.h"
#include "simulator/flash/crc32.hpp"

namespace simulator::flash::nvs {
namespace {

using EntryBytes = std::array<std::uint8_t, kEntryBytes>;

constexpr std::size_t kStatesPerWord = 16;
constexpr std::size_t kWordBytes = 4;

bool is_erased(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == kErasedByte; });
}

template <class Structure>
Structure from_bytes(std::span<const std::uint8_t> bytes) {
  Structure structure;
  std::memcpy(&structure, bytes.data(), sizeof structure);
  return structure;
}

template <class Structure>
std::array<std::uint8_t, sizeof(Structure)> to_bytes(const Structure& structure) {
  return std::bit_cast<std::array<std::uint8_t, sizeof(Structure)>>(structure);
}

}  // namespace

esp_err_t Page::load() {
  region_->read(offset_, content_);
  const auto header = from_bytes<PageHeader>(content_);
  state_ = loaded_state(header);
  sequence_ = header.sequence;
  next_free_ = state_ == PageState::blank ? 0 : kEntriesPerPage;
  if (!is_in_use()) return ESP_OK;
  if (header.version < kFormatVersion) return ESP_ERR_NVS_NEW_VERSION_FOUND;
  if (state_ == PageState::active) next_free_ = end_of_touched_entries();
  return repair();
}

PageState Page::loaded_state(const PageHeader& header) const {
  switch (header.state) {
    case PageState::blank:
      return is_erased(content_) ? PageState::blank : PageState::corrupt;
    case PageState::active:
    case PageState::full:
    case PageState::freeing:
      return header.crc == header.expected_crc() ? header.state : PageState::corrupt;
    case PageState::corrupt:
      break;
  }
  return PageState::corrupt;
}

bool Page::is_in_use() const {
  return state_ == PageState::active || state_ == PageState::full || state_ == PageState::freeing;
}

/// Entries are appended without gaps, but a cut may have torn their states: only what is behind
/// the last touched entry can be written without breaking the rules of NOR flash.
std::size_t Page::end_of_touched_entries() const {
  std::size_t end = kEntriesPerPage;
  while (end > 0 && is_untouched(end - 1)) --end;
  return end;
}

esp_err_t Page::repair() {
  std::size_t next = 0;
  for (std::size_t entry = 0; entry < next_free_; entry = next) {
    if (const esp_err_t error = repair_entry(entry, next)) return error;
  }
  return ESP_OK;
}

/// Leaves in `next` where the walk over the entries goes on.
esp_err_t Page::repair_entry(std::size_t entry, std::size_t& next) {
  next = entry + 1;
  const EntryState state = entry_state(entry);
  if (state == EntryState::erased) return ESP_OK;
  if (state != EntryState::written) {
    // In a page that takes no more items such entries do no harm.
    if (state_ != PageState::active) return ESP_OK;
    return set_entry_states(entry, entry + 1, EntryState::erased);
  }
  const Item found = item(entry);
  if (!found.is_valid_at(entry)) return set_entry_states(entry, entry + 1, EntryState::erased);
  next = entry + found.span;
  return is_whole(entry, found) ? ESP_OK : erase_item(entry);
}

std::size_t Page::used_entries() const {
  std::size_t used = 0;
  for (std::size_t entry = 0; entry < kEntriesPerPage; ++entry) {
    if (is_in_use() && entry_state(entry) == EntryState::written) ++used;
  }
  return used;
}

std::size_t Page::free_entries() const {
  const bool takes_items = state_ == PageState::active || state_ == PageState::blank;
  return takes_items ? kEntriesPerPage - next_free_ : 0;
}

std::size_t Page::next_item(std::size_t entry) const {
  if (!is_in_use()) return kEntriesPerPage;
  while (entry < kEntriesPerPage && entry_state(entry) != EntryState::written) ++entry;
  return entry;
}

Item Page::item(std::size_t entry) const {
  return from_bytes<Item>(entry_bytes(entry, 1));
}

std::span<const std::uint8_t> Page::value(std::size_t entry) const {
  const Item head = item(entry);
  if (has_data_entries(head.type)) {
    return entry_bytes(entry + 1, head.span - 1u).first(head.data().bytes);
  }
  return entry_bytes(entry, 1).subspan(offsetof(Item, value), number_bytes(head.type));
}

bool Page::begins_with_items_of(const Page& other) const {
  std::size_t mine = next_item(0);
  std::size_t span = 0;
  for (std::size_t theirs = other.next_item(0); theirs < kEntriesPerPage;
       theirs = other.next_item(theirs + span)) {
    span = other.item(theirs).span;
    if (mine == kEntriesPerPage || item(mine).span != span) return false;
    if (!std::ranges::equal(entry_bytes(mine, span), other.entry_bytes(theirs, span))) return false;
    mine = next_item(mine + span);
  }
  return true;
}

esp_err_t Page::append(const Item& item, std::span<const std::uint8_t> data) {
  if (state_ == PageState::blank) {
    if (const esp_err_t error = write_header()) return error;
  }
  if (const esp_err_t error = append_entries(to_bytes(item))) return error;
  const auto whole_entries = data.first(data.size() / kEntryBytes * kEntryBytes);
  if (!whole_entries.empty()) {
    if (const esp_err_t error = append_entries(whole_entries)) return error;
  }
  const auto rest = data.subspan(whole_entries.size());
  if (rest.empty()) return ESP_OK;
  EntryBytes padded;
  padded.fill(kErasedByte);
  std::ranges::copy(rest, padded.begin());
  return append_entries(padded);
}

esp_err_t Page::append_items_of(const Page& other) {
  for (std::size_t entry = 0; entry < kEntriesPerPage; ++entry) {
    if (other.entry_state(entry) != EntryState::written) continue;
    if (state_ == PageState::blank) {
      if (const esp_err_t error = write_header()) return error;
    }
    if (const esp_err_t error = append_entries(other.entry_bytes(entry, 1))) return error;
  }
  return ESP_OK;
}

esp_err_t Page::erase_item(std::size_t entry) {
  const std::size_t end = entry + item(entry).span;
  if (const esp_err_t error = set_entry_states(entry, end, EntryState::erased)) return error;
  next_free_ = std::max(next_free_, end);
  return ESP_OK;
}

esp_err_t Page::mark_full() {
  return write_page_state(PageState::full);
}

/// Each state is written on its own, since a torn write of two bits would leave no valid state.
esp_err_t Page::mark_freeing() {
  if (state_ == PageState::active) {
    if (const esp_err_t error = mark_full()) return error;
  }
  return write_page_state(PageState::freeing);
}

esp_err_t Page::erase() {
  if (const esp_err_t error = region_->erase_page(offset_)) return error;
  content_.fill(kErasedByte);
  state_ = PageState::blank;
  next_free_ = 0;
  return ESP_OK;
}

EntryState Page::entry_state(std::size_t entry) const {
  constexpr std::size_t kStatesPerByte = 4;
  const std::uint8_t byte = content_[kEntryStatesOffset + entry / kStatesPerByte];
  return static_cast<EntryState>(byte >> entry % kStatesPerByte * 2 & 0b11);
}

std::span<const std::uint8_t> Page::entry_bytes(std::size_t entry, std::size_t count) const {
  return std::span(content_).subspan(kEntriesOffset + entry * kEntryBytes, count * kEntryBytes);
}

/// ESP-IDF looks at the first four bytes only; a torn write may have left those alone.
bool Page::is_untouched(std::size_t entry) const {
  return entry_state(entry) == EntryState::empty && is_erased(entry_bytes(entry, 1));
}

/// The states alone don't tell: when the erasing of a half written item was torn, they may all be
/// `written`. ESP-IDF looks at the checksum only when the value is read, and loses the old value
/// in that case.
bool Page::is_whole(std::size_t entry, const Item& item) const {
  for (std::size_t i = entry; i < entry + item.span; ++i) {
    if (entry_state(i) != EntryState::written) return false;
  }
  return !has_data_entries(item.type) || crc32(value(entry)) == item.data().crc;
}

esp_err_t Page::write(std::size_t offset, std::span<const std::uint8_t> data) {
  if (const esp_err_t error = region_->write(offset_ + offset, data)) return error;
  std::ranges::copy(data, content_.begin() + static_cast<std::ptrdiff_t>(offset));
  return ESP_OK;
}

esp_err_t Page::write_header() {
  const auto header = PageHeader::make(PageState::active, sequence_);
  if (const esp_err_t error = write(0, to_bytes(header))) return error;
  state_ = PageState::active;
  return ESP_OK;
}

esp_err_t Page::write_page_state(PageState state) {
  if (const esp_err_t error = write(offsetof(PageHeader, state), to_bytes(state))) return error;
  state_ = state;
  return ESP_OK;
}

/// The content goes before the states: without them it doesn't count.
esp_err_t Page::append_entries(std::span<const std::uint8_t> data) {
  const std::size_t begin = next_free_;
  const std::size_t end = begin + data.size() / kEntryBytes;
  if (const esp_err_t error = write(kEntriesOffset + begin * kEntryBytes, data)) return error;
  if (const esp_err_t error = set_entry_states(begin, end, EntryState::written)) return error;
  next_free_ = end;
  return ESP_OK;
}

/// Word by word from the last entry to the first: the first one decides whether an item counts.
esp_err_t Page::set_entry_states(std::size_t begin, std::size_t end, EntryState state) {
  while (end > begin) {
    const std::size_t word = (end - 1) / kStatesPerWord;
    const std::size_t word_offset = kEntryStatesOffset + word * kWordBytes;
    auto states = from_bytes<std::uint32_t>(std::span(content_).subspan(word_offset, kWordBytes));
    const std::size_t first = std::max(begin, word * kStatesPerWord);
    for (std::size_t entry = first; entry < end; ++entry) {
      const std::size_t shift = entry % kStatesPerWord * 2;
      states = (states & ~(0b11u << shift)) | static_cast<std::uint32_t>(state) << shift;
    }
    if (const esp_err_t error = write(word_offset, to_bytes(states))) return error;
    end = first;
  }
  return ESP_OK;
}

}  // namespace simulator::flash::nvs
