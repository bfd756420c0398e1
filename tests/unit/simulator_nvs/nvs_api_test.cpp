/// The rules of nvs.h and nvs_flash.h.

#include "nvs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "nvs_flash.h"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/nvs/driver.hpp"
#include "simulator/flash/nvs/region.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/flash/partitions.hpp"

namespace simulator::flash {
namespace {

constexpr const char* kTable =
    "nvs,data,nvs,0x9000,0x4000\n"
    "otadata,data,ota,0xd000,0x2000\n"
    "ota_0,app,ota_0,0x10000,0x10000\n"
    "more_nvs,data,nvs,0x20000,0x3000\n";

class NvsApi : public testing::Test {
 protected:
  NvsApi() { power_on(); }

  void power_on() {
    driver_.reset();
    partitions_.reset();
    partitions_ = std::make_unique<Partitions>(chip_, table_, nullptr);
    driver_ = std::make_unique<nvs::Driver>(*partitions_);
  }

  nvs_handle_t open(const char* name = "space", nvs_open_mode_t mode = NVS_READWRITE) {
    EXPECT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    EXPECT_EQ(nvs_open(name, mode, &handle), ESP_OK);
    return handle;
  }

  FlashChip chip_{0x40000};
  PartitionTable table_ = PartitionTable::parse_csv(kTable).value();
  std::unique_ptr<Partitions> partitions_;
  std::unique_ptr<nvs::Driver> driver_;
};

TEST_F(NvsApi, InitializingAnErasedPartitionWritesNothing) {
  EXPECT_EQ(nvs_flash_init(), ESP_OK);
  EXPECT_EQ(chip_.operation_count(), 0u);
}

TEST_F(NvsApi, InitializingTwiceIsFine) {
  EXPECT_EQ(nvs_flash_init(), ESP_OK);
  EXPECT_EQ(nvs_flash_init(), ESP_OK);
}

TEST_F(NvsApi, InitializingRefusesWhatIsNoNvsPartition) {
  EXPECT_EQ(nvs_flash_init_partition("absent"), ESP_ERR_NOT_FOUND);
  EXPECT_EQ(nvs_flash_init_partition("otadata"), ESP_ERR_NOT_FOUND);
  EXPECT_EQ(nvs_flash_init_partition("a_name_of_17_byte"), ESP_ERR_INVALID_ARG);
}

TEST_F(NvsApi, OpeningNeedsAnInitializedPartition) {
  nvs_handle_t handle = 0;
  EXPECT_EQ(nvs_open("space", NVS_READWRITE, &handle), ESP_ERR_NVS_NOT_INITIALIZED);
  ASSERT_EQ(nvs_flash_init_partition("more_nvs"), ESP_OK);
  EXPECT_EQ(nvs_open("space", NVS_READWRITE, &handle), ESP_ERR_NVS_PART_NOT_FOUND);
  EXPECT_EQ(nvs_open_from_partition("more_nvs", "space", NVS_READWRITE, &handle), ESP_OK);
}

TEST_F(NvsApi, ReadingOnlyNeedsANamespaceThatIsThere) {
  ASSERT_EQ(nvs_flash_init(), ESP_OK);
  nvs_handle_t handle = 0;
  EXPECT_EQ(nvs_open("space", NVS_READONLY, &handle), ESP_ERR_NVS_NOT_FOUND);
  ASSERT_EQ(nvs_open("space", NVS_READWRITE, &handle), ESP_OK);
  EXPECT_EQ(nvs_open("space", NVS_READONLY, &handle), ESP_OK);
}

TEST_F(NvsApi, ANamespaceHasAtMost15Bytes) {
  ASSERT_EQ(nvs_flash_init(), ESP_OK);
  nvs_handle_t handle = 0;
  EXPECT_EQ(nvs_open("namespace_of_15", NVS_READWRITE, &handle), ESP_OK);
  EXPECT_EQ(nvs_open("a_name_of_16byte", NVS_READWRITE, &handle), ESP_ERR_NVS_KEY_TOO_LONG);
}

TEST_F(NvsApi, ThereAreAtMost254Namespaces) {
  ASSERT_EQ(nvs_flash_init(), ESP_OK);
  nvs_handle_t handle = 0;
  for (int i = 0; i < 254; ++i) {
    ASSERT_EQ(nvs_open(std::to_string(i).c_str(), NVS_READWRITE, &handle), ESP_OK) << i;
  }
  EXPECT_EQ(nvs_open("one_more", NVS_READWRITE, &handle), ESP_ERR_NVS_NOT_ENOUGH_SPACE);
  EXPECT_EQ(nvs_open("0", NVS_READWRITE, &handle), ESP_OK);
}

TEST_F(NvsApi, NamespacesDoNotSeeEachOthersKeys) {
  const nvs_handle_t one = open("one");
  const nvs_handle_t two = open("two");
  ASSERT_EQ(nvs_set_u8(one, "key", 1), ESP_OK);
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(two, "key", &value), ESP_ERR_NVS_NOT_FOUND);
  ASSERT_EQ(nvs_set_u8(two, "key", 2), ESP_OK);
  EXPECT_EQ(nvs_get_u8(one, "key", &value), ESP_OK);
  EXPECT_EQ(value, 1);
}

template <class Number>
struct Functions {
  esp_err_t (*set)(nvs_handle_t, const char*, Number);
  esp_err_t (*get)(nvs_handle_t, const char*, Number*);
};

template <class Number>
void expect_round_trip(nvs_handle_t handle, Functions<Number> functions) {
  for (const Number value : {std::numeric_limits<Number>::min(), Number{1}, Number{0},
                             std::numeric_limits<Number>::max()}) {
    ASSERT_EQ(functions.set(handle, "key", value), ESP_OK);
    Number read{};
    EXPECT_EQ(functions.get(handle, "key", &read), ESP_OK);
    EXPECT_EQ(read, value);
  }
}

TEST_F(NvsApi, NumbersOfEachTypeKeepTheirValue) {
  const nvs_handle_t handle = open();
  expect_round_trip<uint8_t>(handle, {nvs_set_u8, nvs_get_u8});
  expect_round_trip<int8_t>(handle, {nvs_set_i8, nvs_get_i8});
  expect_round_trip<uint16_t>(handle, {nvs_set_u16, nvs_get_u16});
  expect_round_trip<int16_t>(handle, {nvs_set_i16, nvs_get_i16});
  expect_round_trip<uint32_t>(handle, {nvs_set_u32, nvs_get_u32});
  expect_round_trip<int32_t>(handle, {nvs_set_i32, nvs_get_i32});
  expect_round_trip<uint64_t>(handle, {nvs_set_u64, nvs_get_u64});
  expect_round_trip<int64_t>(handle, {nvs_set_i64, nvs_get_i64});
}

TEST_F(NvsApi, AValueOfAnotherTypeIsNotFound) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_u8(handle, "key", 7), ESP_OK);
  int8_t number = 1;
  char text[8];
  size_t length = sizeof text;
  EXPECT_EQ(nvs_get_i8(handle, "key", &number), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_get_str(handle, "key", text, &length), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_get_blob(handle, "key", text, &length), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(number, 1);
  EXPECT_EQ(length, sizeof text);
}

TEST_F(NvsApi, SettingAnotherTypeTakesThePlaceOfTheOldValue) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_u8(handle, "key", 7), ESP_OK);
  ASSERT_EQ(nvs_set_str(handle, "key", "seven"), ESP_OK);
  uint8_t number = 0;
  EXPECT_EQ(nvs_get_u8(handle, "key", &number), ESP_ERR_NVS_NOT_FOUND);
  ASSERT_EQ(nvs_set_blob(handle, "key", "7", 1), ESP_OK);
  size_t length = 0;
  EXPECT_EQ(nvs_get_str(handle, "key", nullptr, &length), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_get_blob(handle, "key", nullptr, &length), ESP_OK);
}

TEST_F(NvsApi, AKeyHasAtMost15Bytes) {
  const nvs_handle_t handle = open();
  EXPECT_EQ(nvs_set_u8(handle, "a_key_of_15byte", 1), ESP_OK);
  EXPECT_EQ(nvs_set_u8(handle, "a_key_of_16bytes", 1), ESP_ERR_NVS_KEY_TOO_LONG);
  EXPECT_EQ(nvs_set_str(handle, "a_key_of_16bytes", ""), ESP_ERR_NVS_KEY_TOO_LONG);
  EXPECT_EQ(nvs_set_blob(handle, "a_key_of_16bytes", "", 1), ESP_ERR_NVS_KEY_TOO_LONG);
}

TEST_F(NvsApi, OnlyTheFirst15BytesOfAKeyCountForReading) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_u8(handle, "a_key_of_15byte", 1), ESP_OK);
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(handle, "a_key_of_15bytes", &value), ESP_OK);
}

TEST_F(NvsApi, AStringHasAtMost4000BytesWithItsNul) {
  const nvs_handle_t handle = open();
  const std::string longest(3999, 'a');
  EXPECT_EQ(nvs_set_str(handle, "key", longest.c_str()), ESP_OK);
  EXPECT_EQ(nvs_set_str(handle, "key", (longest + "a").c_str()), ESP_ERR_NVS_VALUE_TOO_LONG);
  std::vector<char> read(4000);
  size_t length = read.size();
  EXPECT_EQ(nvs_get_str(handle, "key", read.data(), &length), ESP_OK);
  EXPECT_EQ(longest, read.data());
}

TEST_F(NvsApi, ABlobHasAtMost4000BytesForEachPageButOne) {
  const nvs_handle_t handle = open();
  const std::vector<uint8_t> too_long(3 * 4000 + 1);
  EXPECT_EQ(nvs_set_blob(handle, "key", too_long.data(), too_long.size()),
            ESP_ERR_NVS_VALUE_TOO_LONG);
}

struct LengthRow {
  const char* name;
  size_t room;
  bool has_buffer;
  esp_err_t outcome;
};

class NvsLength : public NvsApi, public testing::WithParamInterface<LengthRow> {};

TEST_P(NvsLength, IsToldWhateverTheRoom) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_str(handle, "text", "hello"), ESP_OK);
  ASSERT_EQ(nvs_set_blob(handle, "blob", "hello", 6), ESP_OK);
  std::array<char, 16> buffer{};
  void* place = GetParam().has_buffer ? buffer.data() : nullptr;
  size_t length = GetParam().room;
  EXPECT_EQ(nvs_get_str(handle, "text", static_cast<char*>(place), &length), GetParam().outcome);
  EXPECT_EQ(length, 6u);
  length = GetParam().room;
  EXPECT_EQ(nvs_get_blob(handle, "blob", place, &length), GetParam().outcome);
  EXPECT_EQ(length, 6u);
  const bool is_read = GetParam().has_buffer && GetParam().outcome == ESP_OK;
  EXPECT_STREQ(buffer.data(), is_read ? "hello" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Rooms, NvsLength,
    testing::Values(LengthRow{"no_buffer", 0, false, ESP_OK},
                    LengthRow{"no_buffer_but_room", 16, false, ESP_OK},
                    LengthRow{"one_byte_short", 5, true, ESP_ERR_NVS_INVALID_LENGTH},
                    LengthRow{"exact", 6, true, ESP_OK}, LengthRow{"plenty", 16, true, ESP_OK}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(NvsApi, ALengthIsNeeded) {
  const nvs_handle_t handle = open();
  char text[8];
  EXPECT_EQ(nvs_get_str(handle, "absent", text, nullptr), ESP_ERR_NVS_NOT_FOUND);
  ASSERT_EQ(nvs_set_str(handle, "text", "hello"), ESP_OK);
  EXPECT_EQ(nvs_get_str(handle, "text", text, nullptr), ESP_ERR_NVS_INVALID_LENGTH);
}

TEST_F(NvsApi, AnEmptyBlobIsThere) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_blob(handle, "blob", nullptr, 0), ESP_OK);
  size_t length = 1;
  EXPECT_EQ(nvs_get_blob(handle, "blob", nullptr, &length), ESP_OK);
  EXPECT_EQ(length, 0u);
}

TEST_F(NvsApi, AReadOnlyHandleChangesNothing) {
  ASSERT_EQ(nvs_set_u8(open(), "key", 1), ESP_OK);
  const nvs_handle_t handle = open("space", NVS_READONLY);
  EXPECT_EQ(nvs_set_u8(handle, "key", 2), ESP_ERR_NVS_READ_ONLY);
  EXPECT_EQ(nvs_set_str(handle, "key", ""), ESP_ERR_NVS_READ_ONLY);
  EXPECT_EQ(nvs_set_blob(handle, "key", "", 1), ESP_ERR_NVS_READ_ONLY);
  EXPECT_EQ(nvs_erase_key(handle, "key"), ESP_ERR_NVS_READ_ONLY);
  EXPECT_EQ(nvs_erase_all(handle), ESP_ERR_NVS_READ_ONLY);
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(handle, "key", &value), ESP_OK);
  EXPECT_EQ(value, 1);
}

void expect_invalid(nvs_handle_t handle) {
  uint8_t value = 0;
  size_t length = 0;
  EXPECT_EQ(nvs_set_u8(handle, "key", 2), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_set_str(handle, "key", ""), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_set_blob(handle, "key", "", 1), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_get_u8(handle, "key", &value), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_get_str(handle, "key", nullptr, &length), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_get_blob(handle, "key", nullptr, &length), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_erase_key(handle, "key"), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_erase_all(handle), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_commit(handle), ESP_ERR_NVS_INVALID_HANDLE);
  EXPECT_EQ(nvs_get_used_entry_count(handle, &length), ESP_ERR_NVS_INVALID_HANDLE);
  nvs_close(handle);
}

TEST_F(NvsApi, AHandleEndsWhenItIsClosed) {
  const nvs_handle_t handle = open();
  const nvs_handle_t other = open();
  nvs_close(handle);
  expect_invalid(handle);
  EXPECT_EQ(nvs_set_u8(other, "key", 1), ESP_OK);
}

TEST_F(NvsApi, AHandleEndsWithItsPartition) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_flash_deinit(), ESP_OK);
  expect_invalid(handle);
  EXPECT_EQ(nvs_flash_deinit(), ESP_ERR_NVS_NOT_INITIALIZED);
}

TEST_F(NvsApi, AHandleEndsWithTheSession) {
  const nvs_handle_t handle = open();
  power_on();
  expect_invalid(handle);
}

TEST_F(NvsApi, ValuesSurviveARestartWithoutACommit) {
  ASSERT_EQ(nvs_set_u8(open(), "key", 1), ESP_OK);
  power_on();
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(open(), "key", &value), ESP_OK);
  EXPECT_EQ(value, 1);
}

TEST_F(NvsApi, SettingTheSameValueWritesNothing) {
  const nvs_handle_t handle = open();
  const std::vector<uint8_t> blob(5000, 0x5A);
  const auto set_all = [&] {
    EXPECT_EQ(nvs_set_u8(handle, "number", 1), ESP_OK);
    EXPECT_EQ(nvs_set_str(handle, "text", "hello"), ESP_OK);
    EXPECT_EQ(nvs_set_blob(handle, "blob", blob.data(), blob.size()), ESP_OK);
  };
  set_all();
  const std::uint64_t operations = chip_.operation_count();
  set_all();
  EXPECT_EQ(chip_.operation_count(), operations);
}

TEST_F(NvsApi, AnErasedKeyIsGone) {
  const nvs_handle_t handle = open();
  const std::vector<uint8_t> blob(5000, 0x5A);
  ASSERT_EQ(nvs_set_u8(handle, "number", 1), ESP_OK);
  ASSERT_EQ(nvs_set_blob(handle, "blob", blob.data(), blob.size()), ESP_OK);
  EXPECT_EQ(nvs_erase_key(handle, "number"), ESP_OK);
  EXPECT_EQ(nvs_erase_key(handle, "number"), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_erase_key(handle, "blob"), ESP_OK);
  EXPECT_EQ(nvs_erase_key(handle, "blob"), ESP_ERR_NVS_NOT_FOUND);
  size_t used = 1;
  EXPECT_EQ(nvs_get_used_entry_count(handle, &used), ESP_OK);
  EXPECT_EQ(used, 0u);
}

TEST_F(NvsApi, ErasingAllKeepsOtherNamespaces) {
  const nvs_handle_t one = open("one");
  const nvs_handle_t two = open("two");
  ASSERT_EQ(nvs_set_u8(one, "key", 1), ESP_OK);
  ASSERT_EQ(nvs_set_u8(two, "key", 2), ESP_OK);
  ASSERT_EQ(nvs_erase_all(one), ESP_OK);
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(one, "key", &value), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_get_u8(two, "key", &value), ESP_OK);
}

TEST_F(NvsApi, EntriesAreCounted) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_u8(handle, "number", 1), ESP_OK);           // 1
  ASSERT_EQ(nvs_set_str(handle, "text", "hello"), ESP_OK);      // 1 + 1
  ASSERT_EQ(nvs_set_blob(handle, "blob", kTable, 33), ESP_OK);  // 1 + 2, and the index
  size_t used = 0;
  EXPECT_EQ(nvs_get_used_entry_count(handle, &used), ESP_OK);
  EXPECT_EQ(used, 7u);
  nvs_stats_t stats;
  ASSERT_EQ(nvs_get_stats(nullptr, &stats), ESP_OK);
  EXPECT_EQ(stats.used_entries, 8u);
  EXPECT_EQ(stats.total_entries, 4u * 126);
  EXPECT_EQ(stats.free_entries, 4u * 126 - 8);
  EXPECT_EQ(stats.namespace_count, 1u);
}

TEST_F(NvsApi, StatisticsNeedAPartitionAndAPlace) {
  nvs_stats_t stats{1, 1, 1, 1};
  EXPECT_EQ(nvs_get_stats("nvs", nullptr), ESP_ERR_INVALID_ARG);
  EXPECT_EQ(nvs_get_stats("nvs", &stats), ESP_ERR_NVS_NOT_INITIALIZED);
  EXPECT_EQ(stats.total_entries, 0u);
  EXPECT_EQ(nvs_get_used_entry_count(1, nullptr), ESP_ERR_INVALID_ARG);
}

TEST_F(NvsApi, ErasingThePartitionClosesItAndLeavesItErased) {
  const nvs_handle_t handle = open();
  ASSERT_EQ(nvs_set_u8(handle, "key", 1), ESP_OK);
  EXPECT_EQ(nvs_flash_erase(), ESP_OK);
  expect_invalid(handle);
  EXPECT_THAT(chip_.content().subspan(0x9000, 0x4000), testing::Each(0xFF));
  uint8_t value = 0;
  EXPECT_EQ(nvs_get_u8(open(), "key", &value), ESP_ERR_NVS_NOT_FOUND);
  EXPECT_EQ(nvs_flash_erase_partition("absent"), ESP_ERR_NOT_FOUND);
}

TEST_F(NvsApi, APartitionWithoutAFreePageIsRefusedUntilItIsErased) {
  for (std::uint32_t page = 0; page < 4; ++page) {
    const auto header = std::bit_cast<std::array<std::uint8_t, 32>>(
        nvs::PageHeader::make(nvs::PageState::full, page));
    chip_.burn(0x9000 + page * 0x1000, header);
  }
  EXPECT_EQ(nvs_flash_init(), ESP_ERR_NVS_NO_FREE_PAGES);
  EXPECT_EQ(nvs_flash_erase(), ESP_OK);
  EXPECT_EQ(nvs_flash_init(), ESP_OK);
}

TEST_F(NvsApi, ANewerFormatIsRefused) {
  auto header = nvs::PageHeader::make(nvs::PageState::active, 0);
  header.version = 0xFD;
  header.crc = header.expected_crc();
  chip_.burn(0x9000, std::bit_cast<std::array<std::uint8_t, 32>>(header));
  EXPECT_EQ(nvs_flash_init(), ESP_ERR_NVS_NEW_VERSION_FOUND);
}

TEST_F(NvsApi, ACommitIsAnOperationThatThePowerCanBeCutAt) {
  const nvs_handle_t handle = open();
  std::vector<Operation> operations;
  Fault fault = Fault::none;
  chip_.set_fault_hook([&](const Operation& operation) {
    operations.push_back(operation);
    return fault;
  });
  EXPECT_EQ(nvs_commit(handle), ESP_OK);
  ASSERT_EQ(operations.size(), 1u);
  EXPECT_EQ(operations[0].kind, OperationKind::nvs_commit);
  EXPECT_EQ(operations[0].address, 0x9000u);
  for (const Fault cut : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
    fault = cut;
    EXPECT_EQ(nvs_commit(handle), nvs::kPowerLost);
  }
}

using NvsMisuse = NvsApi;

TEST_F(NvsMisuse, NullEndsTheProcess) {
  const nvs_handle_t handle = open();
  EXPECT_DEATH((void)nvs_set_u8(handle, nullptr, 1), "nvs_set_u8.*NULL");
  EXPECT_DEATH((void)nvs_get_u8(handle, "key", nullptr), "nvs_get_u8.*NULL");
  EXPECT_DEATH((void)nvs_set_str(handle, "key", nullptr), "nvs_set_str.*NULL");
  EXPECT_DEATH((void)nvs_open(nullptr, NVS_READONLY, nullptr), "NULL");
}

}  // namespace
}  // namespace simulator::flash
