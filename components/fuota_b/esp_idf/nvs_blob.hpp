#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "esp_err.h"

/// Records of the component in NVS, namespace "fuota_b". A write is whole or not at all, whenever
/// the power fails, and is there for good when the call returns.
namespace fuota::update {

/// Reads the blob of `key` into `out`, which has room for `*bytes` bytes, and says in `*bytes` how
/// many they are. ESP_ERR_NVS_NOT_FOUND when there is none, ESP_ERR_INVALID_VERSION when it is
/// longer than the room; or what NVS says.
[[nodiscard]] esp_err_t load_blob(const char* key, std::uint8_t* out, std::size_t* bytes);

/// Writes it, in place of the one before.
[[nodiscard]] esp_err_t save_blob(const char* key, const std::uint8_t* data, std::size_t bytes);

/// Erases it. ESP_OK also when there is none; nothing is written then.
[[nodiscard]] esp_err_t erase_blob(const char* key);

/// Reads a record that `decode` knows; ESP_ERR_INVALID_VERSION when it doesn't.
template <std::size_t N, typename Record>
[[nodiscard]] esp_err_t load_record(const char* key, Record& record) {
  std::array<std::uint8_t, N> bytes{};
  std::size_t length = bytes.size();
  const esp_err_t error = load_blob(key, bytes.data(), &length);
  if (error != ESP_OK) return error;
  return decode(bytes.data(), length, record) ? ESP_OK : ESP_ERR_INVALID_VERSION;
}

}  // namespace fuota::update
