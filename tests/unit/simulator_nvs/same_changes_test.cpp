/// A long series of changes, against what ESP-IDF's own implementation makes of it.

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "key_space.hpp"
#include "nvs.h"
#include "simulator/flash/crc32.hpp"

namespace simulator::flash::nvs {
namespace {

constexpr std::size_t kPages = 4;
constexpr unsigned kChanges = 1200;
constexpr unsigned kChangesPerCheckpoint = 200;

/// The checksums of a partition of kPages pages after each kChangesPerCheckpoint changes, computed
/// once with nvs_flash of ESP-IDF v5.5.5 built for the host.
constexpr std::array<std::uint32_t, kChanges / kChangesPerCheckpoint> kCheckpoints = {
    0xC8AF5897, 0xA843F1D5, 0x92BF6DAD, 0xBFC4222D, 0x952760AB, 0x619202FD};

/// Everything that happens to a partition in its life: values of all lengths that take the place
/// of others, blobs over two pages, erased keys, pages that are moved.
esp_err_t change(Storage& storage, unsigned i) {
  const auto space = static_cast<std::uint8_t>(1 + i % 2);
  const std::string key = "key" + std::to_string((i * i + 3 * i) % 9);
  if (i % 211 == 210) return storage.set(space, kBlob, key, bytes_of_kind(4100, i));
  if (i % 97 == 96) return storage.set(space, ItemType::string, key, string_of_kind(1500, i));
  switch (i % 6) {
    case 0:
      return storage.set(space, ItemType::u8, key, number(i, 1));
    case 1:
      return storage.set(space, ItemType::i32, key, number(i * 2654435761u, 4));
    case 2:
      return storage.set(space, ItemType::string, key, string_of_kind(1 + i * 37 % 90, i));
    case 3:
      return storage.set(space, kBlob, key, bytes_of_kind(i * 53 % 300, i));
    case 4:
      return storage.set(space, ItemType::u64, key, number(i * 0x9E3779B97F4A7C15u, 8));
    default:
      const esp_err_t error = storage.erase_key(space, key);
      return error == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error;
  }
}

TEST(SameChanges, GiveTheSameBytesAsEspIdf) {
  Board board(kPages);
  const auto storage = board.mount();
  for (const char* name : {"one", "two"}) {
    std::uint8_t index = 0;
    ASSERT_EQ(storage->open_namespace(name, true, index), ESP_OK);
  }
  for (unsigned i = 0; i < kChanges; ++i) {
    ASSERT_EQ(change(*storage, i), ESP_OK) << i;
    if ((i + 1) % kChangesPerCheckpoint != 0) continue;
    const auto partition = board.chip().content().subspan(Board::kAddress, board.partition_bytes());
    EXPECT_EQ(crc32(partition), kCheckpoints[i / kChangesPerCheckpoint]) << "after " << i + 1;
  }
}

}  // namespace
}  // namespace simulator::flash::nvs
