#include "simulator/flash/nvs/storage.hpp"

#include <algorithm>
#include <bitset>

#include "nvs.h"
#include "simulator/flash/nvs/recovery.hpp"

namespace simulator::flash::nvs {
namespace {

constexpr std::uint8_t kNamespaces = 0;  ///< the namespace whose keys are the namespaces
constexpr std::size_t kNamespaceIndexMax = 254;

bool is_namespace(const Item& item) {
  return item.namespace_index == kNamespaces && item.type == ItemType::u8;
}

std::size_t size_of_value(const Location& location) {
  const Item item = location.item();
  return item.type == ItemType::blob_index ? item.blob().bytes : location.value().size();
}

/// The chunk numbers of a blob that takes the place of `old` begin with the bit that it lacks.
std::uint8_t next_first_chunk(const std::optional<Location>& old) {
  if (!old || old->item().type != ItemType::blob_index) return 0;
  return old->item().blob().first_chunk ^ kChunkVersionBit;
}

}  // namespace

esp_err_t Storage::mount() {
  if (const esp_err_t error = log_.load()) return error;
  return recover(log_);
}

esp_err_t Storage::open_namespace(std::string_view name, bool create, std::uint8_t& index) {
  if (const auto found = find(kNamespaces, ItemType::u8, to_key(name))) {
    index = found->value().front();
    return ESP_OK;
  }
  if (!create) return ESP_ERR_NVS_NOT_FOUND;
  const auto unused = unused_namespace_index();
  if (!unused) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  const std::uint8_t value[] = {*unused};
  if (const esp_err_t error = set(kNamespaces, ItemType::u8, name, value)) return error;
  index = *unused;
  return ESP_OK;
}

/// The key is checked only after the value was compared, as ESP-IDF does it.
esp_err_t Storage::set(std::uint8_t namespace_index, ItemType type, std::string_view key,
                       std::span<const std::uint8_t> value) {
  const Key name = to_key(key);
  const auto old = find(namespace_index, type, name);
  if (old && holds(*old, value)) return ESP_OK;
  if (key.size() > kKeyLengthMax) return ESP_ERR_NVS_KEY_TOO_LONG;
  Location appended;
  const esp_err_t error =
      type == kBlob ? blobs_.append(namespace_index, name, next_first_chunk(old), value, appended)
                    : append_item(namespace_index, type, name, value, appended);
  if (error != ESP_OK) return error;
  return erase_values(namespace_index, name, &appended);
}

std::optional<std::size_t> Storage::size_of(std::uint8_t namespace_index, ItemType type,
                                            std::string_view key) const {
  const auto found = find(namespace_index, type, to_key(key));
  if (!found) return std::nullopt;
  return size_of_value(*found);
}

esp_err_t Storage::get(std::uint8_t namespace_index, ItemType type, std::string_view key,
                       std::span<std::uint8_t> out) const {
  const auto found = find(namespace_index, type, to_key(key));
  if (!found) return ESP_ERR_NVS_NOT_FOUND;
  if (out.size() != size_of_value(*found)) return ESP_ERR_NVS_INVALID_LENGTH;
  if (const Item item = found->item(); item.type == ItemType::blob_index) {
    blobs_.read(item, out);
  } else {
    std::ranges::copy(found->value(), out.begin());
  }
  return ESP_OK;
}

esp_err_t Storage::erase_key(std::uint8_t namespace_index, std::string_view key) {
  const Key name = to_key(key);
  const auto found = log_.find([&](const Item& item, const Location&) {
    return item.is_named(namespace_index, name) && item.type != ItemType::blob_chunk;
  });
  if (!found) return ESP_ERR_NVS_NOT_FOUND;
  return erase_values(namespace_index, name, nullptr);
}

esp_err_t Storage::erase_namespace(std::uint8_t namespace_index) {
  return log_.erase_all(
      [&](const Item& item, const Location&) { return item.namespace_index == namespace_index; });
}

Statistics Storage::statistics() const {
  Statistics statistics{.used_entries = log_.used_entries(),
                        .total_entries = log_.page_count() * kEntriesPerPage};
  statistics.free_entries = statistics.total_entries - statistics.used_entries;
  log_.for_each([&](const Item& item, const Location&) {
    if (is_namespace(item)) ++statistics.namespace_count;
  });
  return statistics;
}

std::size_t Storage::used_entries(std::uint8_t namespace_index) const {
  std::size_t used = 0;
  log_.for_each([&](const Item& item, const Location&) {
    if (item.namespace_index == namespace_index) used += item.span;
  });
  return used;
}

std::optional<Location> Storage::find(std::uint8_t namespace_index, ItemType type,
                                      const Key& key) const {
  const auto found = log_.find([&](const Item& item, const Location&) {
    return item.type == type && item.is_named(namespace_index, key);
  });
  if (found || type != kBlob) return found;
  return find(namespace_index, ItemType::old_blob, key);
}

bool Storage::holds(const Location& location, std::span<const std::uint8_t> value) const {
  const Item item = location.item();
  if (item.type == ItemType::blob_index) return blobs_.is_equal(item, value);
  return std::ranges::equal(location.value(), value);
}

std::optional<std::uint8_t> Storage::unused_namespace_index() const {
  std::bitset<kNamespaceIndexMax + 2> used;
  used.set(kNamespaces);
  log_.for_each([&](const Item& item, const Location& location) {
    if (is_namespace(item)) used.set(location.value().front());
  });
  for (std::size_t index = 1; index <= kNamespaceIndexMax; ++index) {
    if (!used[index]) return static_cast<std::uint8_t>(index);
  }
  return std::nullopt;
}

esp_err_t Storage::append_item(std::uint8_t namespace_index, ItemType type, const Key& key,
                               std::span<const std::uint8_t> value, Location& appended) {
  if (value.size() > kDataBytesMax) return ESP_ERR_NVS_VALUE_TOO_LONG;
  const bool is_string = has_data_entries(type);
  const Item item = is_string ? Item::of_data(namespace_index, type, key, kNoChunk, value)
                              : Item::of_number(namespace_index, type, key, value);
  if (log_.free_entries() < item.span) {
    if (const esp_err_t error = log_.open_page()) return error;
    if (log_.free_entries() < item.span) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  }
  return log_.append(item, is_string ? value : std::span<const std::uint8_t>(), appended);
}

/// What makes a value count goes first, the chunks of a blob afterwards: without an index they
/// don't count, and a cut in between leaves nothing but space to gain.
esp_err_t Storage::erase_values(std::uint8_t namespace_index, const Key& key,
                                const Location* kept) {
  const esp_err_t error = log_.erase_all([&](const Item& item, const Location& location) {
    return item.is_named(namespace_index, key) && item.type != ItemType::blob_chunk &&
           !(kept != nullptr && location == *kept);
  });
  if (error != ESP_OK) return error;
  return log_.erase_all([&](const Item& item, const Location&) {
    if (!item.is_named(namespace_index, key) || item.type != ItemType::blob_chunk) return false;
    return kept == nullptr || kept->item().type != ItemType::blob_index ||
           !item.is_chunk_of_version(kept->item().blob().first_chunk);
  });
}

}  // namespace simulator::flash::nvs
