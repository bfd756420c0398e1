#include "simulator/flash/nvs/blobs.hpp"

#include <algorithm>
#include <optional>

#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

/// A page with less room than this isn't worth a blob's first chunk.
constexpr std::size_t kFirstChunkRoomMin = kDataBytesMax / 10;

}  // namespace

esp_err_t Blobs::append(std::uint8_t namespace_index, const Key& key, std::uint8_t first_chunk,
                        std::span<const std::uint8_t> data, Location& index) {
  if (data.size() > bytes_max()) return ESP_ERR_NVS_VALUE_TOO_LONG;
  const Name name{namespace_index, key};
  Item::Blob blob{.bytes = static_cast<std::uint32_t>(data.size()), .first_chunk = first_chunk};
  if (const esp_err_t error = make_room_to_begin(data.size())) return error;
  esp_err_t error = append_chunks(name, data, blob);
  if (error == ESP_OK) error = append_index(name, blob, index);
  if (error == ESP_OK) return ESP_OK;
  const esp_err_t cleanup_error = erase_chunks(name, first_chunk);
  return cleanup_error != ESP_OK ? cleanup_error : error;
}

/// One page has to stay free.
std::size_t Blobs::bytes_max() const {
  return std::min(log_.page_count() - 1, kChunksMax) * kDataBytesMax;
}

/// The longest chunk that fits into the newest page.
std::size_t Blobs::chunk_room() const {
  const std::size_t entries = log_.free_entries();
  return entries > 1 ? (entries - 1) * kEntryBytes : 0;
}

esp_err_t Blobs::make_room_to_begin(std::size_t data_bytes) {
  while (chunk_room() < kFirstChunkRoomMin && (chunk_room() < data_bytes || chunk_room() == 0)) {
    const std::size_t room_before = chunk_room();
    if (const esp_err_t error = log_.open_page()) return error;
    if (chunk_room() == room_before) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  }
  return ESP_OK;
}

/// Counts the chunks in `blob`. Leaves a page that has an entry for the index, if it can.
esp_err_t Blobs::append_chunks(const Name& name, std::span<const std::uint8_t> data,
                               Item::Blob& blob) {
  do {
    const std::size_t room = chunk_room();
    if (room == 0) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
    if (blob.chunk_count == kChunksMax) return ESP_ERR_NVS_VALUE_TOO_LONG;
    const auto chunk = data.first(std::min(room, data.size()));
    const auto number = static_cast<std::uint8_t>(blob.first_chunk + blob.chunk_count);
    const Item item =
        Item::of_data(name.namespace_index, ItemType::blob_chunk, name.key, number, chunk);
    Location location;
    if (const esp_err_t error = log_.append(item, chunk, location)) return error;
    ++blob.chunk_count;
    data = data.subspan(chunk.size());
    if (!data.empty() || log_.free_entries() == 0) {
      if (const esp_err_t error = log_.open_page()) return error;
    }
  } while (!data.empty());
  return ESP_OK;
}

esp_err_t Blobs::append_index(const Name& name, const Item::Blob& blob, Location& index) {
  if (log_.free_entries() == 0) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  return log_.append(Item::of_blob(name.namespace_index, name.key, blob), {}, index);
}

esp_err_t Blobs::erase_chunks(const Name& name, std::uint8_t first_chunk) {
  return log_.erase_all([&](const Item& item, const Location&) {
    return item.is_named(name.namespace_index, name.key) && item.is_chunk_of_version(first_chunk);
  });
}

template <class Visitor>
void Blobs::for_each_chunk(const Item& index, Visitor visit) const {
  const std::uint8_t first_chunk = index.blob().first_chunk;
  std::size_t at = 0;
  for (std::size_t i = 0; i < index.blob().chunk_count; ++i) {
    const auto chunk = log_.find([&](const Item& item, const Location&) {
      return item.type == ItemType::blob_chunk && item.chunk == first_chunk + i &&
             item.is_named(index.namespace_index, index.key);
    });
    visit(chunk->value(), at);
    at += chunk->value().size();
  }
}

bool Blobs::is_equal(const Item& index, std::span<const std::uint8_t> data) const {
  if (index.blob().bytes != data.size()) return false;
  bool is_equal = true;
  for_each_chunk(index, [&](std::span<const std::uint8_t> chunk, std::size_t at) {
    is_equal &= std::ranges::equal(chunk, data.subspan(at, chunk.size()));
  });
  return is_equal;
}

void Blobs::read(const Item& index, std::span<std::uint8_t> out) const {
  for_each_chunk(index, [&](std::span<const std::uint8_t> chunk, std::size_t at) {
    std::ranges::copy(chunk, out.subspan(at).begin());
  });
}

}  // namespace simulator::flash::nvs
