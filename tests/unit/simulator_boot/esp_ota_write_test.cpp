#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "esp_ota_ops.h"
#include "tests/unit/simulator_boot/board.hpp"

/// esp_ota_begin, write, end and abort.
namespace simulator::boot {
namespace {

using flash::Fault;
using flash::Operation;
using kernel::IdfVersion;
using kernel::StopReason;

constexpr std::uint32_t kSlot1 = 0x20000;
constexpr std::size_t kSlotBytes = 0x10000;

class OtaWrite : public ::testing::Test {
 protected:
  OtaWrite() {
    board_.burn("ota_0", small_image(1));
    board_.chip().burn(kSlot1, std::vector<std::uint8_t>(kSlotBytes, 0));
    board_.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  }

  /// How many bytes of ota_1 are erased, from its beginning.
  std::size_t erased_bytes() {
    const auto slot = board_.chip().content().subspan(kSlot1, kSlotBytes);
    const auto end =
        std::ranges::find_if(slot, [](std::uint8_t cell) { return cell != flash::kErasedByte; });
    return static_cast<std::size_t>(end - slot.begin());
  }

  Board board_;
  const fuota::test::Image image_ = small_image(2);
};

TEST_F(OtaWrite, InstallsAnImage) {
  for (const std::size_t size : {image_.size(), std::size_t{0}, std::size_t{OTA_SIZE_UNKNOWN},
                                 std::size_t{OTA_WITH_SEQUENTIAL_WRITES}}) {
    board_.chip().burn(kSlot1, std::vector<std::uint8_t>(kSlotBytes, 0));
    board_.run([&] {
      esp_ota_handle_t handle = 0;
      EXPECT_EQ(esp_ota_begin(labelled("ota_1"), size, &handle), ESP_OK);
      for (std::size_t at = 0; at < image_.size(); at += 1000) {
        const std::size_t length = std::min<std::size_t>(1000, image_.size() - at);
        EXPECT_EQ(esp_ota_write(handle, image_.data() + at, length), ESP_OK);
      }
      EXPECT_EQ(esp_ota_end(handle), ESP_OK);
    });
    EXPECT_TRUE(std::ranges::equal(board_.chip().content().subspan(kSlot1, image_.size()), image_))
        << size;
  }
}

struct EraseRow {
  const char* name;
  std::size_t image_size;
  std::size_t erased;
};

std::ostream& operator<<(std::ostream& out, const EraseRow& row) {
  return out << row.name;
}

class OtaBeginErases : public OtaWrite, public ::testing::WithParamInterface<EraseRow> {};

// app_update/esp_ota_ops.c, esp_ota_begin.
TEST_P(OtaBeginErases, WhatTheImageNeeds) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), GetParam().image_size, &handle), ESP_OK);
  });
  EXPECT_EQ(erased_bytes(), GetParam().erased);
}

INSTANTIATE_TEST_SUITE_P(Rows, OtaBeginErases,
                         ::testing::Values(EraseRow{"Size", 4097, 8192},
                                           EraseRow{"WholeSectors", 8192, 8192},
                                           EraseRow{"Unknown", OTA_SIZE_UNKNOWN, kSlotBytes},
                                           EraseRow{"Zero", 0, kSlotBytes},
                                           EraseRow{"Sequential", OTA_WITH_SEQUENTIAL_WRITES, 0}),
                         [](const auto& row) { return row.param.name; });

// app_update/esp_ota_ops.c, esp_ota_write.
TEST_F(OtaWrite, ErasesOnlyTheSectorsThatAreWrittenWhenSequential) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    const std::vector<std::uint8_t> sector(flash::kSectorBytes, 0xE9);
    EXPECT_EQ(esp_ota_write(handle, sector.data(), sector.size()), ESP_OK);
  });
  EXPECT_EQ(board_.chip().content()[kSlot1 + flash::kSectorBytes], 0);
}

TEST_F(OtaWrite, FillsTheSlotToTheLastByteWhenSequential) {
  fuota::test::ImageOptions options;
  options.size_bytes = kSlotBytes;
  const auto full = build_image(options);
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    EXPECT_EQ(esp_ota_write(handle, full.data(), full.size()), ESP_OK);
    EXPECT_EQ(esp_ota_end(handle), ESP_OK);
  });
}

// app_update/esp_ota_ops.c, esp_ota_begin.
TEST_F(OtaWrite, BeginsNothingThatCanNotBeUpdated) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(nullptr, 0, &handle), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 0, nullptr), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_ota_begin(labelled("ota_0"), 0, &handle), ESP_ERR_OTA_PARTITION_CONFLICT);
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), kSlotBytes + 1, &handle), ESP_ERR_INVALID_SIZE);
    esp_partition_t unknown = *labelled("ota_1");
    unknown.size -= 1;
    EXPECT_EQ(esp_ota_begin(&unknown, 0, &handle), ESP_ERR_NOT_FOUND);
  });
}

TEST_F(OtaWrite, BeginsNothingWhileTheRunningImageIsOnTrial) {
  board_.set_entry(0, make_entry(1, ESP_OTA_IMG_NEW));
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 0, &handle), ESP_ERR_OTA_ROLLBACK_INVALID_STATE);
  });
}

// app_update/esp_ota_ops.c of v5.5 and later, esp_ota_begin.
TEST_F(OtaWrite, BeginForgetsTheEntryOfTheSlotThatItOverwrites) {
  board_.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_VALID));
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 4096, &handle), ESP_OK);
  });
  EXPECT_EQ(board_.entry(1).ota_seq, kSeqBlank);
  EXPECT_EQ(board_.entry(0).ota_seq, 3u);
}

// The same, as an application sees it.
TEST_F(OtaWrite, BeginForgetsTheVerdictOnTheOtherSlot) {
  board_.burn("ota_1", image_);
  board_.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_ABORTED));
  board_.run([&] {
    EXPECT_EQ(label_of(esp_ota_get_last_invalid_partition()), "ota_1");
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    EXPECT_EQ(esp_ota_get_last_invalid_partition(), nullptr);
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    EXPECT_EQ(esp_ota_get_state_partition(labelled("ota_1"), &state), ESP_ERR_NOT_FOUND);
  });
}

// app_update/esp_ota_ops.c, esp_ota_begin.
TEST_F(OtaWrite, BeginKeepsTheEntriesInV4) {
  board_.idf = IdfVersion::v4_4;
  board_.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_VALID));
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 4096, &handle), ESP_OK);
  });
  EXPECT_EQ(board_.entry(1).ota_seq, 2u);
}

struct DataRow {
  const char* name;
  IdfVersion idf;
  esp_err_t error;
};

class OtaBeginOnData : public OtaWrite, public ::testing::WithParamInterface<DataRow> {};

// app_update/esp_ota_ops.c, esp_ota_begin.
TEST_P(OtaBeginOnData, DependsOnTheVersion) {
  board_.idf = GetParam().idf;
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("nvs"), 4096, &handle), GetParam().error);
  });
}

INSTANTIATE_TEST_SUITE_P(Versions, OtaBeginOnData,
                         ::testing::Values(DataRow{"V4", IdfVersion::v4_4, ESP_ERR_INVALID_ARG},
                                           DataRow{"V5", IdfVersion::v5_5, ESP_OK},
                                           DataRow{"V6", IdfVersion::v6_0, ESP_OK}),
                         [](const auto& row) { return row.param.name; });

// app_update/esp_ota_ops.c, esp_ota_begin: v4.4 erases before it makes the handle.
TEST_F(OtaWrite, AFailedBeginLeavesAHandleSinceV5) {
  for (const IdfVersion version : kernel::all_idf_versions()) {
    board_.idf = version;
    board_.run([&] {
      esp_ota_handle_t handle = 0;
      EXPECT_EQ(esp_ota_begin(labelled("ota_1"), kSlotBytes + 1, &handle), ESP_ERR_INVALID_SIZE);
      EXPECT_EQ(esp_ota_abort(handle), version == IdfVersion::v4_4 ? ESP_ERR_NOT_FOUND : ESP_OK);
    });
  }
}

// app_update/esp_ota_ops.c of v4.4.4, esp_ota_write: the last sector is counted from the byte
// behind the last one.
TEST_F(OtaWrite, ErasesOneSectorTooManyWhenSequentialInV4) {
  board_.idf = IdfVersion::v4_4;
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    const std::vector<std::uint8_t> sector(flash::kSectorBytes, 0xE9);
    EXPECT_EQ(esp_ota_write(handle, sector.data(), sector.size()), ESP_OK);
  });
  EXPECT_EQ(board_.chip().content()[kSlot1 + flash::kSectorBytes], flash::kErasedByte);
  EXPECT_EQ(board_.chip().content()[kSlot1 + 2 * flash::kSectorBytes], 0);
}

TEST_F(OtaWrite, CanNotFillTheSlotWhenSequentialInV4) {
  board_.idf = IdfVersion::v4_4;
  const std::vector<std::uint8_t> full(kSlotBytes, 0xE9);
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    EXPECT_EQ(esp_ota_write(handle, full.data(), full.size()), ESP_ERR_INVALID_SIZE);
  });
}

TEST_F(OtaWrite, NoBytesEraseASectorWhenSequentialInV4) {
  for (const IdfVersion version : kernel::all_idf_versions()) {
    board_.idf = version;
    board_.chip().burn(kSlot1, std::vector<std::uint8_t>(kSlotBytes, 0));
    board_.run([&] {
      esp_ota_handle_t handle = 0;
      EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
      EXPECT_EQ(esp_ota_write(handle, "", 0), ESP_OK);
    });
    EXPECT_EQ(erased_bytes(), version == IdfVersion::v4_4 ? flash::kSectorBytes : 0u);
  }
}

TEST_F(OtaWrite, BeginKeepsTheEntriesWithoutRollback) {
  board_.rollback = false;
  board_.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_VALID));
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 4096, &handle), ESP_OK);
  });
  EXPECT_EQ(board_.entry(1).ota_seq, 2u);
}

// app_update/esp_ota_ops.c, esp_ota_write.
TEST_F(OtaWrite, RefusesWhatDoesNotBeginAsAnImage) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 0, &handle), ESP_OK);
    EXPECT_EQ(esp_ota_write(handle, "html", 4), ESP_ERR_OTA_VALIDATE_FAILED);
    EXPECT_EQ(esp_ota_write(handle, nullptr, 4), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_ota_write(handle + 1, "html", 4), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_ota_write(handle, "html", 0), ESP_OK);
    EXPECT_EQ(esp_ota_end(handle), ESP_ERR_INVALID_ARG);
  });
}

// app_update/esp_ota_ops.c, esp_ota_end.
TEST_F(OtaWrite, EndRefusesABrokenImageAndReleasesTheHandle) {
  const auto broken = damaged(image_, fuota::test::Damage::digest);
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), broken.size(), &handle), ESP_OK);
    EXPECT_EQ(esp_ota_write(handle, broken.data(), broken.size()), ESP_OK);
    EXPECT_EQ(esp_ota_end(handle), ESP_ERR_OTA_VALIDATE_FAILED);
    EXPECT_EQ(esp_ota_end(handle), ESP_ERR_NOT_FOUND);
  });
}

// app_update/esp_ota_ops.c, s_ota_ops_entries_head: a list in RAM.
TEST_F(OtaWrite, AHandleIsGoneAfterARestart) {
  esp_ota_handle_t handle = 0;
  board_.run([&] {
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
  });
  board_.run([&] { EXPECT_EQ(esp_ota_abort(handle), ESP_ERR_NOT_FOUND); });
}

TEST_F(OtaWrite, AbortReleasesTheHandle) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), 4096, &handle), ESP_OK);
    EXPECT_EQ(esp_ota_abort(handle), ESP_OK);
    EXPECT_EQ(esp_ota_abort(handle), ESP_ERR_NOT_FOUND);
  });
}

TEST_F(OtaWrite, WritesAtOffsetsInAnyOrder) {
  board_.run([&] {
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(labelled("ota_1"), image_.size(), &handle), ESP_OK);
    EXPECT_EQ(esp_ota_write_with_offset(handle, image_.data() + 512, image_.size() - 512, 512),
              ESP_OK);
    EXPECT_EQ(esp_ota_write_with_offset(handle, image_.data(), 512, 0), ESP_OK);
    EXPECT_EQ(esp_ota_end(handle), ESP_OK);
  });
}

// app_update/esp_ota_ops.c, esp_ota_write.
TEST_F(OtaWrite, KeepsTheRunningImageBootableWhenThePowerIsCut) {
  const std::vector<std::uint8_t> before(board_.chip().content().begin(),
                                         board_.chip().content().end());
  const auto update = [this] {
    esp_ota_handle_t handle = 0;
    esp_ota_begin(labelled("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle);
    esp_ota_write(handle, image_.data(), image_.size());
    if (esp_ota_end(handle) == ESP_OK) esp_ota_set_boot_partition(labelled("ota_1"));
  };
  board_.run(update);
  const std::uint64_t operations = board_.chip().operation_count();
  ASSERT_GE(operations, 4u);
  for (std::uint64_t at = 0; at < operations; ++at) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      board_.chip().restore(before);
      board_.chip().seed_torn_results(at);
      const std::uint64_t cut_at = board_.chip().operation_count() + at;
      board_.chip().set_fault_hook([=](const Operation& operation) {
        return operation.index == cut_at ? fault : Fault::none;
      });
      ASSERT_EQ(board_.run(update), StopReason::power_off);
      ASSERT_NE(board_.boot_label(), "") << "operation " << at;
    }
  }
}

}  // namespace
}  // namespace simulator::boot
