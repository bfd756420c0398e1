/// Power cuts before, in and after every flash operation of what changes an NVS partition.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "key_space.hpp"
#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

constexpr std::uint8_t kSpace = 1;
constexpr unsigned kTearings = 12;  ///< how many random outcomes of a torn operation are tried

constexpr unsigned kFillers = 45;

/// Keys that keep their values, so that a page that is moved has something to lose.
Name filler(unsigned i) {
  return {kSpace, ItemType::u16, "filler" + std::to_string(i)};
}

std::vector<Name> all_names() {
  std::vector<Name> names = {
      {kSpace, ItemType::u8, "number"},
      {kSpace, ItemType::u32, "number"},
      {kSpace, ItemType::u32, "other"},
      {kSpace, ItemType::string, "number"},
      {kSpace, ItemType::string, "text"},
      {kSpace, kBlob, "text"},
      {kSpace, kBlob, "blob"},
      {kSpace, kBlob, "other_blob"},
      {kSpace, ItemType::string, "blob"},
      {2, ItemType::u32, "number"},
      {0, ItemType::u8, "space"},
      {0, ItemType::u8, "new_space"},
  };
  for (unsigned i = 0; i < kFillers; ++i) names.push_back(filler(i));
  return names;
}

const std::vector<Name> kNames = all_names();

esp_err_t set(Storage& storage, const Name& name, const Value& value) {
  return storage.set(name.namespace_index, name.type, name.key, value);
}

void must(esp_err_t error) {
  ASSERT_EQ(error, ESP_OK);
}

/// What every partition of these tests has, so that there is something to be lost.
void write_bystanders(Storage& storage) {
  std::uint8_t index = 0;
  must(storage.open_namespace("space", true, index));
  must(set(storage, {kSpace, ItemType::u32, "other"}, number(123456, 4)));
  must(set(storage, {2, ItemType::u32, "number"}, number(77, 4)));
  must(set(storage, {kSpace, kBlob, "other_blob"}, bytes_of_kind(700, 9)));
}

void fill_page(Storage& storage, unsigned entries_left) {
  // Each update takes an entry and leaves an erased one.
  const std::size_t used = 126 - entries_left;
  const Statistics statistics = storage.statistics();
  for (std::size_t i = statistics.used_entries; i < used; ++i) {
    must(set(storage, {kSpace, ItemType::u32, "other"}, number(i, 4)));
  }
}

/// Leaves the partition with one free page and no room in the newest, so that the next write has
/// to move the items of a page: one in nine of each page's entries counts.
void fill_until_next_write_moves(Storage& storage, FlashChip& chip) {
  bool moves = false;
  chip.set_fault_hook([&](const Operation& operation) {
    moves |= operation.kind == OperationKind::erase;
    return Fault::none;
  });
  std::vector<std::uint8_t> before;
  for (unsigned i = 0; !moves; ++i) {
    before.assign(chip.content().begin(), chip.content().end());
    const Name name = i % 9 == 0 ? filler(i / 9) : Name{kSpace, ItemType::u32, "other"};
    must(set(storage, name, number(1000 + i, number_bytes(name.type))));
    ASSERT_LT(i / 9, kFillers);
  }
  chip.set_fault_hook({});
  chip.restore(before);
}

struct Change {
  const char* name;
  std::function<void(Storage&, FlashChip&)> prepare;
  std::function<esp_err_t(Storage&)> apply;
};

void PrintTo(const Change& change, std::ostream* out) {
  *out << change.name;
}

class PowerCut : public testing::TestWithParam<Change> {
 protected:
  using Image = std::vector<std::uint8_t>;

  void SetUp() override {
    const auto storage = board_.mount();
    write_bystanders(*storage);
    if (GetParam().prepare) GetParam().prepare(*storage, board_.chip());
    prepared_ = image();
    const auto prepared_storage = board_.mount();
    before_ = read_contents(*prepared_storage, kNames);
    const std::uint64_t first = board_.chip().operation_count();
    ASSERT_EQ(GetParam().apply(*prepared_storage), ESP_OK);
    operation_count_ = board_.chip().operation_count() - first;
    after_ = read_contents(*board_.mount(), kNames);
    ASSERT_GT(operation_count_, 0u);
    ASSERT_NE(difference(after_, before_), "") << "the change changes nothing";
  }

  Image image() {
    const auto content = board_.chip().content();
    return {content.begin(), content.end()};
  }

  /// Cuts the power at the operation `index` from now on. No operation may come afterwards.
  void cut_at(std::uint64_t index, Fault fault, unsigned seed) {
    const std::uint64_t target = board_.chip().operation_count() + index;
    board_.chip().seed_torn_results(seed * 1000 + index);
    board_.chip().set_fault_hook([target, fault](const Operation& operation) {
      EXPECT_LE(operation.index, target) << "an operation after the power was lost";
      return operation.index == target ? fault : Fault::none;
    });
  }

  void apply_with_cut(std::uint64_t index, Fault fault, unsigned seed) {
    board_.chip().restore(prepared_);
    const auto storage = board_.mount();
    cut_at(index, fault, seed);
    ASSERT_EQ(GetParam().apply(*storage), kPowerLost);
    board_.chip().set_fault_hook({});
  }

  void expect_old_or_new(Storage& storage) {
    const Contents found = read_contents(storage, kNames);
    const std::string from_old = difference(found, before_);
    const std::string from_new = difference(found, after_);
    EXPECT_TRUE(from_old.empty() || from_new.empty())
        << "against old: " << from_old << "\nagainst new: " << from_new;
  }

  void expect_that_it_works(Storage& storage) {
    EXPECT_EQ(GetParam().apply(storage), ESP_OK);
    EXPECT_EQ(difference(read_contents(storage, kNames), after_), "");
    EXPECT_EQ(difference(read_contents(*board_.mount(), kNames), after_), "");
  }

  template <class Check>
  void for_each_cut(unsigned tearings, Check check) {
    for (std::uint64_t index = 0; index < operation_count_; ++index) {
      for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
        for (unsigned seed = 0; seed < (fault == Fault::cut_during ? tearings : 1); ++seed) {
          SCOPED_TRACE("operation " + std::to_string(index) + " fault " +
                       std::to_string(static_cast<int>(fault)) + " seed " + std::to_string(seed));
          apply_with_cut(index, fault, seed);
          check();
          if (HasFailure()) return;
        }
      }
    }
  }

  Board board_;
  Image prepared_;
  Contents before_;
  Contents after_;
  std::uint64_t operation_count_ = 0;
};

TEST_P(PowerCut, LeavesTheOldOrTheNewValueAndAllOtherKeys) {
  for_each_cut(kTearings, [&] { expect_old_or_new(*board_.mount()); });
}

TEST_P(PowerCut, LeavesAPartitionThatTheChangeCanBeRepeatedOn) {
  for_each_cut(kTearings, [&] { expect_that_it_works(*board_.mount()); });
}

TEST_P(PowerCut, AfterTheLastOperationLeavesTheNewValue) {
  apply_with_cut(operation_count_ - 1, Fault::cut_after, 0);
  EXPECT_EQ(difference(read_contents(*board_.mount(), kNames), after_), "");
}

TEST_P(PowerCut, DuringRecoveryLosesNothingEither) {
  for_each_cut(2, [&] {
    const Image cut = image();
    for (std::uint64_t index = 0;; ++index) {
      board_.chip().restore(cut);
      cut_at(index, Fault::cut_during, static_cast<unsigned>(index));
      Storage interrupted(board_.chip(), Board::kAddress, board_.partition_bytes());
      const esp_err_t error = interrupted.mount();
      board_.chip().set_fault_hook({});
      if (error == ESP_OK) break;
      ASSERT_EQ(error, kPowerLost);
      expect_old_or_new(*board_.mount());
      if (HasFailure()) return;
    }
  });
}

const Name kNumber{kSpace, ItemType::u32, "number"};
const Name kText{kSpace, ItemType::string, "text"};
const Name kTheBlob{kSpace, kBlob, "blob"};

std::function<esp_err_t(Storage&)> setting(const Name& name, const Value& value) {
  return [=](Storage& storage) { return set(storage, name, value); };
}

std::function<void(Storage&, FlashChip&)> having(const Name& name, const Value& value) {
  return [=](Storage& storage, FlashChip&) { must(set(storage, name, value)); };
}

esp_err_t erase_blob(Storage& storage) {
  const esp_err_t error = storage.erase_key(kSpace, "blob");
  return error == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error;
}

INSTANTIATE_TEST_SUITE_P(Changes, PowerCut,
                         testing::Values(
                             Change{"first_number", {}, setting(kNumber, number(5, 4))},
                             Change{"first_string", {}, setting(kText, string_of_kind(100, 0))},
                             Change{"first_blob", {}, setting(kTheBlob, bytes_of_kind(300, 0))},
                             Change{
                                 "blob_of_erased_bytes", {}, setting(kTheBlob, Value(300, 0xFF))},
                             Change{"empty_blob", {}, setting(kTheBlob, {})},
                             Change{"new_namespace",
                                    {},
                                    [](Storage& storage) {
                                      std::uint8_t index = 0;
                                      return storage.open_namespace("new_space", true, index);
                                    }},
                             Change{"number", having(kNumber, number(5, 4)),
                                    setting(kNumber, number(6, 4))},
                             Change{"string", having(kText, string_of_kind(100, 0)),
                                    setting(kText, string_of_kind(64, 3))},
                             Change{"number_to_another_type", having(kNumber, number(5, 4)),
                                    setting({kSpace, ItemType::u8, "number"}, number(5, 1))},
                             Change{"number_to_string", having(kNumber, number(5, 4)),
                                    setting({kSpace, ItemType::string, "number"},
                                            string_of_kind(40, 0))},
                             Change{"string_to_blob", having(kText, string_of_kind(100, 0)),
                                    setting({kSpace, kBlob, "text"}, bytes_of_kind(100, 0))},
                             Change{"blob_to_string", having(kTheBlob, bytes_of_kind(100, 0)),
                                    setting({kSpace, ItemType::string, "blob"},
                                            string_of_kind(100, 0))},
                             Change{"blob", having(kTheBlob, bytes_of_kind(300, 0)),
                                    setting(kTheBlob, bytes_of_kind(310, 1))},
                             Change{"blob_over_two_pages", having(kTheBlob, bytes_of_kind(3500, 0)),
                                    setting(kTheBlob, bytes_of_kind(3600, 1))},
                             Change{"blob_a_second_time",
                                    [](Storage& storage, FlashChip&) {
                                      must(set(storage, kTheBlob, bytes_of_kind(300, 0)));
                                      must(set(storage, kTheBlob, bytes_of_kind(300, 1)));
                                    },
                                    setting(kTheBlob, bytes_of_kind(300, 2))},
                             Change{"erase_number", having(kNumber, number(5, 4)),
                                    [](Storage& storage) {
                                      const esp_err_t error = storage.erase_key(kSpace, "number");
                                      return error == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error;
                                    }},
                             Change{"erase_blob_of_two_pages",
                                    having(kTheBlob, bytes_of_kind(5000, 0)), erase_blob},
                             Change{"number_in_the_last_entry",
                                    [](Storage& storage, FlashChip&) { fill_page(storage, 1); },
                                    setting(kNumber, number(6, 4))},
                             Change{"number_that_opens_a_page",
                                    [](Storage& storage, FlashChip&) { fill_page(storage, 0); },
                                    setting(kNumber, number(6, 4))},
                             Change{"number_that_moves_a_page", fill_until_next_write_moves,
                                    setting(kNumber, number(6, 4))},
                             Change{"old_number_that_moves_itself",
                                    [](Storage& storage, FlashChip& chip) {
                                      must(set(storage, kNumber, number(5, 4)));
                                      fill_until_next_write_moves(storage, chip);
                                    },
                                    setting(kNumber, number(6, 4))},
                             Change{"string_that_moves_a_page", fill_until_next_write_moves,
                                    setting(kText, string_of_kind(1000, 1))},
                             Change{"blob_that_moves_a_page",
                                    [](Storage& storage, FlashChip& chip) {
                                      must(set(storage, kTheBlob, bytes_of_kind(1500, 0)));
                                      fill_until_next_write_moves(storage, chip);
                                    },
                                    setting(kTheBlob, bytes_of_kind(2500, 1))}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace simulator::flash::nvs
