/// Random changes, restarts and power cuts against a map.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "key_space.hpp"
#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

constexpr int kRuns = 8;
constexpr int kStepsPerRun = 1500;

std::uint64_t seed_of_test() {
  const char* given = std::getenv("FUOTA_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
}

class RandomChanges : public testing::Test {
 protected:
  void start(std::uint64_t seed) {
    random_.seed(seed);
    board_ = std::make_unique<Board>(3 + below(3));
    board_->chip().seed_torn_results(seed);
    expected_.clear();
    storage_ = board_->mount();
    for (std::uint8_t space = 1; space <= 2; ++space) {
      for (int key = 0; key < 12; ++key) {
        for (const ItemType type : {ItemType::u8, ItemType::u64, ItemType::string, kBlob}) {
          names_.push_back({space, type, "key" + std::to_string(key)});
        }
      }
    }
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  Value random_value(ItemType type) {
    const auto kind = static_cast<unsigned>(random_());
    if (is_number(type)) return number(random_(), number_bytes(type));
    const std::size_t length_max = below(20) == 0 ? 3000 : 120;
    if (type == ItemType::string) return string_of_kind(1 + below(length_max), kind);
    return bytes_of_kind(below(length_max), kind);
  }

  /// `contents` after a value took the place of whatever was under its key.
  static Contents with(Contents contents, const Name& name, const Value& value) {
    contents = without(std::move(contents), name);
    contents[name] = value;
    return contents;
  }

  static Contents without(Contents contents, const Name& name) {
    std::erase_if(contents, [&](const auto& entry) {
      return entry.first.key == name.key && entry.first.namespace_index == name.namespace_index;
    });
    return contents;
  }

  void cut_some_time_soon() {
    const std::uint64_t target = board_->chip().operation_count() + below(12);
    const auto fault = static_cast<Fault>(1 + below(3));
    board_->chip().set_fault_hook([=](const Operation& operation) {
      return operation.index == target ? fault : Fault::none;
    });
  }

  /// A restart; the mount may be cut as well.
  void restart() {
    for (;;) {
      if (below(3) == 0) cut_some_time_soon();
      storage_ =
          std::make_unique<Storage>(board_->chip(), Board::kAddress, board_->partition_bytes());
      const esp_err_t error = storage_->mount();
      board_->chip().set_fault_hook({});
      if (error == ESP_OK) return;
      ASSERT_EQ(error, kPowerLost);
    }
  }

  void step() {
    const Name& name = names_[below(names_.size())];
    const bool erase = below(5) == 0;
    const Value value = erase ? Value{} : random_value(name.type);
    const Contents changed = erase ? without(expected_, name) : with(expected_, name, value);
    const bool may_be_cut = below(8) == 0;
    if (may_be_cut) cut_some_time_soon();
    const esp_err_t error = erase ? storage_->erase_key(name.namespace_index, name.key)
                                  : storage_->set(name.namespace_index, name.type, name.key, value);
    board_->chip().set_fault_hook({});
    if (error == kPowerLost) {
      restart();
      if (difference(read_contents(*storage_, names_), expected_).empty()) return;
      expected_ = changed;
    } else if (error == ESP_OK) {
      expected_ = changed;
    } else {
      ASSERT_EQ(error, erase ? ESP_ERR_NVS_NOT_FOUND : ESP_ERR_NVS_NOT_ENOUGH_SPACE);
    }
    ASSERT_EQ(difference(read_contents(*storage_, names_), expected_), "");
  }

  std::mt19937_64 random_;
  std::unique_ptr<Board> board_;
  std::unique_ptr<Storage> storage_;
  std::vector<Name> names_;
  Contents expected_;
};

TEST_F(RandomChanges, KeepTheContentsOfAMap) {
  const std::uint64_t seed = seed_of_test();
  for (int run = 0; run < kRuns; ++run) {
    SCOPED_TRACE("FUOTA_TEST_SEED=" + std::to_string(seed + run));
    names_.clear();
    start(seed + static_cast<std::uint64_t>(run));
    for (int i = 0; i < kStepsPerRun; ++i) {
      ASSERT_NO_FATAL_FAILURE(step()) << "step " << i;
      if (below(50) != 0) continue;
      ASSERT_NO_FATAL_FAILURE(restart()) << "step " << i;
    }
  }
}

}  // namespace
}  // namespace simulator::flash::nvs
