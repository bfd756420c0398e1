#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "esp_err.h"
#include "simulator/flash/nvs/page_log.hpp"

namespace simulator::flash::nvs {

/// Blobs in a log: chunks as large as the pages have room for, and then an index, which makes them
/// count. The distribution over the pages is that of ESP-IDF's nvs_storage.cpp.
class Blobs {
 public:
  /// The log must outlive this.
  explicit Blobs(PageLog& log) : log_(log) {}

  /// Appends a blob whose chunks' numbers begin with `first_chunk` (0 or kChunkVersionBit, the one
  /// that an existing blob of that name doesn't use), and tells where its index is.
  /// ESP_OK; kPowerLost; ESP_ERR_NVS_VALUE_TOO_LONG; ESP_ERR_NVS_NOT_ENOUGH_SPACE: nothing of it
  /// is left then.
  [[nodiscard]] esp_err_t append(std::uint8_t namespace_index, const Key& key,
                                 std::uint8_t first_chunk, std::span<const std::uint8_t> data,
                                 Location& index);

  /// Whether the blob with that index is `data`.
  [[nodiscard]] bool is_equal(const Item& index, std::span<const std::uint8_t> data) const;
  /// Copies the blob with that index to `out`, which is as long as it.
  void read(const Item& index, std::span<std::uint8_t> out) const;

 private:
  struct Name {
    std::uint8_t namespace_index;
    Key key;
  };

  [[nodiscard]] std::size_t bytes_max() const;
  [[nodiscard]] std::size_t chunk_room() const;
  esp_err_t make_room_to_begin(std::size_t data_bytes);
  esp_err_t append_chunks(const Name& name, std::span<const std::uint8_t> data, Item::Blob& blob);
  esp_err_t append_index(const Name& name, const Item::Blob& blob, Location& index);
  esp_err_t erase_chunks(const Name& name, std::uint8_t first_chunk);

  /// Calls `visit(chunk, at)` with the bytes of each chunk and their place in the blob. All chunks
  /// are there: recover() has erased what isn't whole.
  template <class Visitor>
  void for_each_chunk(const Item& index, Visitor visit) const;

  PageLog& log_;
};

}  // namespace simulator::flash::nvs
