/// States of a partition that only a torn operation leaves, made by hand.

#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "key_space.hpp"
#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

constexpr std::uint8_t kSpace = 1;
const Name kText{kSpace, ItemType::string, "text"};
const Name kBlobName{kSpace, kBlob, "blob"};

esp_err_t set(Storage& storage, const Name& name, const Value& value) {
  return storage.set(name.namespace_index, name.type, name.key, value);
}

class Recovery : public testing::Test {
 protected:
  template <class Structure>
  void burn(std::uint32_t offset, const Structure& structure) {
    board_.chip().burn(Board::kAddress + offset,
                       std::bit_cast<std::array<std::uint8_t, sizeof(Structure)>>(structure));
  }

  void burn_entry(std::uint32_t page, std::uint32_t entry, const Item& item) {
    burn(page * kPageBytes + kEntriesOffset + entry * kEntryBytes, item);
  }

  /// The states of the first 16 entries of a page, entry 0 in the lowest bits.
  void burn_states(std::uint32_t page, std::uint32_t states) {
    burn(page * kPageBytes + kEntryStatesOffset, states);
  }

  void burn_page_state(std::uint32_t page, PageState state) { burn(page * kPageBytes, state); }

  void copy_page(std::uint32_t from, std::uint32_t to) {
    const auto page =
        board_.chip().content().subspan(Board::kAddress + from * kPageBytes, kPageBytes);
    board_.chip().burn(Board::kAddress + to * kPageBytes, page);
  }

  void expect_contents(const Contents& expected) {
    const auto storage = board_.mount();
    EXPECT_EQ(difference(read_contents(*storage, {kText, kBlobName}), expected), "");
    EXPECT_EQ(set(*storage, kText, string_of_kind(33, 7)), ESP_OK) << "is still usable";
  }

  static Item new_text(const Value& value) {
    return Item::of_data(kSpace, ItemType::string, to_key("text"), kNoChunk, value);
  }

  Board board_{4};
  Value old_ = string_of_kind(20, 0);  ///< with its item, in entries 0 and 1
  Value new_ = string_of_kind(20, 1);
};

TEST_F(Recovery, AValueWhoseBytesWereNeverWrittenDoesNotReplaceTheOldOne) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn_entry(0, 2, new_text(new_));
  burn_states(0, 0xFFFF'FFAA);
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, AnItemWithoutItsStateDoesNotCount) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn_entry(0, 2, new_text(new_));
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, ATornEntryWhoseFirstBytesAreUntouchedIsNotWrittenOver) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn(kEntriesOffset + 2 * kEntryBytes + 20, std::uint32_t{0x12345678});
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, AnEntryBehindAGapIsNotWrittenOver) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn_states(0, 0xFFFF'FCFA);  // entries 0, 1 written, 2, 3 empty, 4 erased
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, AnEntryInAnIllegalStateIsNotWrittenOver) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn_states(0, 0xFFFF'FFDA);  // entry 2
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, OfTwoValuesTheNewerOneStays) {
  ASSERT_EQ(set(*board_.mount(), kText, new_), ESP_OK);
  copy_page(0, 1);
  burn(0, PageHeader::make(PageState::full, 0));
  burn(kPageBytes, PageHeader::make(PageState::active, 1));
  burn_entry(0, 0, new_text(old_));
  board_.chip().burn(Board::kAddress + kEntriesOffset + kEntryBytes, old_);
  const auto storage = board_.mount();
  EXPECT_EQ(difference(read_contents(*storage, {kText}), {{kText, new_}}), "");
  EXPECT_EQ(storage->used_entries(kSpace), 2u);
}

TEST_F(Recovery, ACompleteCopyOfAPageWhoseErasingWasTornIsKept) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  copy_page(0, 1);
  burn(kPageBytes, PageHeader::make(PageState::active, 1));
  burn_page_state(0, PageState::freeing);
  burn_entry(0, 0, Item{});  // not readable any more
  expect_contents({{kText, old_}});
}

TEST_F(Recovery, AnIncompleteCopyOfAPageIsMadeAgain) {
  {
    const auto storage = board_.mount();
    ASSERT_EQ(set(*storage, kBlobName, bytes_of_kind(64, 0)), ESP_OK);
    ASSERT_EQ(set(*storage, kText, old_), ESP_OK);
  }
  copy_page(0, 1);
  burn(kPageBytes, PageHeader::make(PageState::active, 1));
  burn_states(1, 0xFFFF'FFAA);  // without the text
  burn_page_state(0, PageState::freeing);
  expect_contents({{kText, old_}, {kBlobName, bytes_of_kind(64, 0)}});
}

TEST_F(Recovery, AMoveThatHadNotBegunIsMade) {
  ASSERT_EQ(set(*board_.mount(), kText, old_), ESP_OK);
  burn_page_state(0, PageState::freeing);
  expect_contents({{kText, old_}});
  EXPECT_EQ(board_.chip().erase_count(Board::kAddress), 1u);
}

TEST_F(Recovery, ABlobWithoutAChunkIsGone) {
  ASSERT_EQ(set(*board_.mount(), kBlobName, bytes_of_kind(64, 0)), ESP_OK);
  burn_states(0, 0xFFFF'FF80);  // only the index, in entry 3
  const auto storage = board_.mount();
  EXPECT_EQ(difference(read_contents(*storage, {kBlobName}), {}), "");
  EXPECT_EQ(storage->used_entries(kSpace), 0u);
}

TEST_F(Recovery, ChunksWithoutAnIndexAreGone) {
  ASSERT_EQ(set(*board_.mount(), kBlobName, bytes_of_kind(64, 0)), ESP_OK);
  burn_states(0, 0xFFFF'FF2A);  // the index is erased
  EXPECT_EQ(board_.mount()->used_entries(kSpace), 0u);
}

TEST_F(Recovery, BothChunksOfABlobInTheNewestPageStay) {
  const Value first = bytes_of_kind(40, 0);
  const Value second = bytes_of_kind(10, 1);
  const Key key = to_key("blob");
  burn(0, PageHeader::make(PageState::full, 0));
  burn_entry(0, 0, Item::of_blob(kSpace, key, {.bytes = 50, .chunk_count = 2}));
  burn_states(0, 0xFFFFFFFE);
  burn(kPageBytes, PageHeader::make(PageState::active, 1));
  burn_entry(1, 0, Item::of_data(kSpace, ItemType::blob_chunk, key, 0, first));
  board_.chip().burn(Board::kAddress + kPageBytes + kEntriesOffset + kEntryBytes, first);
  burn_entry(1, 3, Item::of_data(kSpace, ItemType::blob_chunk, key, 1, second));
  board_.chip().burn(Board::kAddress + kPageBytes + kEntriesOffset + 4 * kEntryBytes, second);
  burn_states(1, 0xFFFF'FEAA);
  Value whole = first;
  whole.insert(whole.end(), second.begin(), second.end());
  expect_contents({{kBlobName, whole}});
}

TEST_F(Recovery, AnOlderValueOfAnotherTypeStaysUnlessTheLastItemReplacedIt) {
  burn(0, PageHeader::make(PageState::active, 0));
  burn_entry(0, 0, Item::of_number(kSpace, ItemType::u8, to_key("a"), number(1, 1)));
  burn_entry(0, 1, Item::of_number(kSpace, ItemType::u16, to_key("a"), number(2, 2)));
  burn_entry(0, 2, Item::of_number(kSpace, ItemType::u8, to_key("b"), number(3, 1)));
  burn_entry(0, 3, Item::of_number(kSpace, ItemType::u16, to_key("b"), number(4, 2)));
  burn_states(0, 0xFFFF'FFAA);
  const auto storage = board_.mount();
  EXPECT_TRUE(storage->size_of(kSpace, ItemType::u8, "a"));
  EXPECT_TRUE(storage->size_of(kSpace, ItemType::u16, "a"));
  EXPECT_FALSE(storage->size_of(kSpace, ItemType::u8, "b"));
  EXPECT_TRUE(storage->size_of(kSpace, ItemType::u16, "b"));
}

}  // namespace
}  // namespace simulator::flash::nvs
