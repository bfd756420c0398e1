/// What happens when a partition fills up, and to the sectors that it wears out.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "key_space.hpp"
#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

constexpr std::uint8_t kSpace = 1;

esp_err_t set_u32(Storage& storage, const std::string& key, std::uint32_t value) {
  return storage.set(kSpace, ItemType::u32, key, number(value, 4));
}

/// Sets keys of one entry until there is no more space; their number.
std::uint32_t fill(Storage& storage) {
  std::uint32_t count = 0;
  while (set_u32(storage, "key" + std::to_string(count), count) == ESP_OK) ++count;
  return count;
}

void expect_all(Storage& storage, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Value value(4);
    ASSERT_EQ(storage.get(kSpace, ItemType::u32, "key" + std::to_string(i), value), ESP_OK) << i;
    ASSERT_EQ(value, number(i, 4));
  }
}

class Space : public testing::Test {
 protected:
  Board board_{4};
};

TEST_F(Space, AllEntriesOfAllPagesButOneCanBeUsed) {
  const auto storage = board_.mount();
  EXPECT_EQ(fill(*storage), 3 * kEntriesPerPage);
  EXPECT_EQ(set_u32(*storage, "one_more", 1), ESP_ERR_NVS_NOT_ENOUGH_SPACE);
}

TEST_F(Space, AFullPartitionKeepsWhatItHas) {
  const auto storage = board_.mount();
  const std::uint32_t count = fill(*storage);
  expect_all(*storage, count);
  expect_all(*board_.mount(), count);
}

TEST_F(Space, AFullPartitionRefusesUpdatesAndKeepsTheOldValue) {
  const auto storage = board_.mount();
  fill(*storage);
  EXPECT_EQ(set_u32(*storage, "key5", 1000), ESP_ERR_NVS_NOT_ENOUGH_SPACE);
  Value value(4);
  EXPECT_EQ(storage->get(kSpace, ItemType::u32, "key5", value), ESP_OK);
  EXPECT_EQ(value, number(5, 4));
}

TEST_F(Space, ErasingAKeyMakesRoomForAnother) {
  const auto storage = board_.mount();
  fill(*storage);
  for (std::uint32_t i = 0; i < 20; ++i) {
    ASSERT_EQ(storage->erase_key(kSpace, "key" + std::to_string(i)), ESP_OK);
    ASSERT_EQ(set_u32(*storage, "new" + std::to_string(i), i), ESP_OK);
    ASSERT_EQ(set_u32(*storage, "one_more", 1), ESP_ERR_NVS_NOT_ENOUGH_SPACE);
  }
}

TEST_F(Space, ABlobThatDoesNotFitLeavesTheOldOne) {
  const auto storage = board_.mount();
  const Value old = bytes_of_kind(5000, 0);
  ASSERT_EQ(storage->set(kSpace, kBlob, "blob", old), ESP_OK);
  for (unsigned kind = 1; kind < 4; ++kind) {
    EXPECT_EQ(storage->set(kSpace, kBlob, "blob", bytes_of_kind(9000, kind)),
              ESP_ERR_NVS_NOT_ENOUGH_SPACE);
  }
  const Name name{kSpace, kBlob, "blob"};
  EXPECT_EQ(difference(read_contents(*storage, {name}), {{name, old}}), "");
  EXPECT_EQ(difference(read_contents(*board_.mount(), {name}), {{name, old}}), "");
}

TEST_F(Space, ABlobThatDidNotFitLeavesNothingBehind) {
  const auto storage = board_.mount();
  ASSERT_EQ(storage->set(kSpace, kBlob, "blob", bytes_of_kind(5000, 0)), ESP_OK);
  const std::size_t used = storage->statistics().used_entries;
  ASSERT_EQ(storage->set(kSpace, kBlob, "blob", bytes_of_kind(9000, 1)),
            ESP_ERR_NVS_NOT_ENOUGH_SPACE);
  EXPECT_EQ(storage->statistics().used_entries, used);
}

TEST_F(Space, UpdatesGoOnForever) {
  const auto storage = board_.mount();
  const Value certificate = bytes_of_kind(1200, 0);
  ASSERT_EQ(storage->set(kSpace, kBlob, "certificate", certificate), ESP_OK);
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(set_u32(*storage, "counter", i), ESP_OK);
  const Name name{kSpace, kBlob, "certificate"};
  EXPECT_EQ(difference(read_contents(*storage, {name}), {{name, certificate}}), "");
}

TEST_F(Space, WearGoesRoundThePages) {
  const auto storage = board_.mount();
  for (std::uint32_t i = 0; i < 126 * 40; ++i) ASSERT_EQ(set_u32(*storage, "counter", i), ESP_OK);
  const auto counts = board_.chip().erase_counts().subspan(Board::kAddress / kSectorBytes, 4);
  const auto [least, most] = std::ranges::minmax(counts);
  EXPECT_GE(least, 8u);
  EXPECT_LE(most, least + 1);
}

TEST_F(Space, NothingOutsideOfThePartitionIsTouched) {
  const auto storage = board_.mount();
  board_.chip().set_fault_hook([&](const Operation& operation) {
    EXPECT_GE(operation.address, Board::kAddress);
    EXPECT_LE(operation.address + operation.length, Board::kAddress + board_.partition_bytes());
    return Fault::none;
  });
  fill(*storage);
}

TEST_F(Space, ADamagedValueIsNotFoundAndTheOthersAre) {
  const auto storage = board_.mount();
  const Value text = string_of_kind(64, 0);
  ASSERT_EQ(storage->set(kSpace, ItemType::string, "text", text), ESP_OK);
  ASSERT_EQ(set_u32(*storage, "number", 1), ESP_OK);
  const std::uint8_t zero[] = {0};
  board_.chip().program_raw(Board::kAddress + kEntriesOffset + kEntryBytes, zero);
  const auto reopened = board_.mount();
  Value value(text.size());
  EXPECT_EQ(reopened->get(kSpace, ItemType::string, "text", value), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_FALSE(reopened->size_of(kSpace, ItemType::string, "text"));
  EXPECT_TRUE(reopened->size_of(kSpace, ItemType::u32, "number"));
}

TEST_F(Space, ACorruptPageIsErasedWhenItIsNeeded) {
  const std::uint8_t noise[] = {0x12, 0x34};
  board_.chip().burn(Board::kAddress + 100, noise);
  const auto storage = board_.mount();
  EXPECT_EQ(board_.chip().erase_count(Board::kAddress), 1u);
  EXPECT_EQ(fill(*storage), 3 * kEntriesPerPage);
}

}  // namespace
}  // namespace simulator::flash::nvs
