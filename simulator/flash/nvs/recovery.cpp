#include "simulator/flash/nvs/recovery.hpp"

#include <compare>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>

namespace simulator::flash::nvs {
namespace {

struct Identity {
  std::uint8_t namespace_index;
  ItemType type;
  std::uint8_t chunk;
  Key key;

  auto operator<=>(const Identity&) const = default;
};

/// The bytes behind a key's NUL don't count.
Identity identity_of(const Item& item) {
  const Key key = to_key({item.key.data(), strnlen(item.key.data(), kKeyLengthMax)});
  return {item.namespace_index, item.type, item.chunk, key};
}

bool is_chunk_of(const Item& chunk, const Item& index) {
  const Item::Blob blob = index.blob();
  return chunk.is_named(index.namespace_index, index.key) &&
         chunk.is_chunk_of_version(blob.first_chunk) &&
         chunk.chunk - blob.first_chunk < blob.chunk_count;
}

/// No flash operation happens while the map lives (see PageLog).
std::optional<Location> find_superseded(const PageLog& log) {
  std::map<Identity, Location> newest;
  std::optional<Location> superseded;
  log.for_each([&](const Item& item, const Location& location) {
    const auto [known, is_new] = newest.try_emplace(identity_of(item), location);
    if (is_new) return;
    superseded = known->second;
    known->second = location;
  });
  return superseded;
}

std::optional<Location> find_last(const PageLog& log) {
  std::optional<Location> last;
  log.for_each([&](const Item&, const Location& location) { last = location; });
  return last;
}

/// A value of another type under the same key. Only the last item can have left one behind, and
/// ESP-IDF before v5.2 kept them on purpose: so older ones are none of our business.
esp_err_t erase_superseded_by_last(PageLog& log) {
  const auto last = find_last(log);
  if (!last || last->item().type == ItemType::blob_chunk) return ESP_OK;
  const Item newest = last->item();
  return log.erase_all([&](const Item& item, const Location& location) {
    return location != *last && item.type != ItemType::blob_chunk &&
           item.is_named(newest.namespace_index, newest.key);
  });
}

esp_err_t erase_superseded(PageLog& log) {
  while (const auto superseded = find_superseded(log)) {
    if (const esp_err_t error = superseded->erase()) return error;
  }
  return erase_superseded_by_last(log);
}

bool has_all_chunks(const PageLog& log, const Item& index) {
  std::size_t bytes = 0;
  std::size_t chunks = 0;
  log.for_each([&](const Item& item, const Location&) {
    if (!is_chunk_of(item, index)) return;
    bytes += item.data().bytes;
    ++chunks;
  });
  return bytes == index.blob().bytes && chunks == index.blob().chunk_count;
}

bool has_index(const PageLog& log, const Item& chunk) {
  const auto index = log.find([&](const Item& item, const Location&) {
    return item.type == ItemType::blob_index && is_chunk_of(chunk, item);
  });
  return index.has_value();
}

esp_err_t erase_incomplete_blobs(PageLog& log) {
  const esp_err_t error = log.erase_all([&](const Item& item, const Location&) {
    return item.type == ItemType::blob_index && !has_all_chunks(log, item);
  });
  if (error != ESP_OK) return error;
  return log.erase_all([&](const Item& item, const Location&) {
    return item.type == ItemType::blob_chunk && !has_index(log, item);
  });
}

}  // namespace

esp_err_t recover(PageLog& log) {
  if (const esp_err_t error = erase_superseded(log)) return error;
  return erase_incomplete_blobs(log);
}

}  // namespace simulator::flash::nvs
