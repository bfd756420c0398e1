#include "esp_ota_ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "esp_image_format.h"
#include "tests/unit/simulator_boot/board.hpp"

namespace simulator::boot {
namespace {

using flash::Fault;
using flash::Operation;
using flash::OperationKind;
using kernel::IdfVersion;
using kernel::StopReason;

constexpr std::uint32_t kSector = flash::kSectorBytes;

/// A board that runs ota_0, confirmed, with another good image in ota_1.
class OtaOps : public ::testing::Test {
 protected:
  OtaOps() {
    board_.burn("ota_0", image_);
    board_.burn("ota_1", other_image_);
    board_.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  }

  void expect_entry(int index, std::uint32_t seq, std::uint32_t state) {
    const OtadataEntry entry = board_.entry(index);
    EXPECT_EQ(entry.ota_seq, seq);
    EXPECT_EQ(entry.ota_state, state);
    EXPECT_TRUE(has_right_crc(entry));
  }

  const fuota::test::Image image_ = small_image(1);
  const fuota::test::Image other_image_ = small_image(2);
  Board board_;
};

// app_update/esp_ota_ops.c, set_new_state_otadata.
TEST_F(OtaOps, RunTheUpdateCycleOfARealBoard) {
  board_.run([] {
    EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_0");
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK);
    EXPECT_EQ(label_of(esp_ota_get_boot_partition()), "ota_1");
  });
  expect_entry(1, 2, ESP_OTA_IMG_NEW);

  board_.run([] {
    EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_1");
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    EXPECT_EQ(esp_ota_get_state_partition(esp_ota_get_running_partition(), &state), ESP_OK);
    EXPECT_EQ(state, ESP_OTA_IMG_PENDING_VERIFY);
    EXPECT_TRUE(esp_ota_check_rollback_is_possible());
  });
  expect_entry(1, 2, ESP_OTA_IMG_PENDING_VERIFY);

  board_.run([] {
    EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_0");
    EXPECT_EQ(label_of(esp_ota_get_last_invalid_partition()), "ota_1");
    EXPECT_FALSE(esp_ota_check_rollback_is_possible());
  });
  expect_entry(1, 2, ESP_OTA_IMG_ABORTED);
}

TEST_F(OtaOps, KeepAConfirmedImage) {
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  board_.run([] { EXPECT_EQ(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK); });
  expect_entry(1, 2, ESP_OTA_IMG_VALID);
  EXPECT_EQ(board_.boot_label(), "ota_1");
}

TEST_F(OtaOps, GoBackFromARefusedImage) {
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  EXPECT_EQ(board_.run([] { esp_ota_mark_app_invalid_rollback_and_reboot(); }),
            StopReason::restart);
  expect_entry(1, 2, ESP_OTA_IMG_INVALID);
  EXPECT_EQ(board_.boot_label(), "ota_0");
}

// app_update/esp_ota_ops.c, esp_ota_check_rollback_is_possible.
TEST_F(OtaOps, RefuseToGoBackToNothing) {
  EXPECT_NE(board_.run([] {
    EXPECT_EQ(esp_ota_mark_app_invalid_rollback_and_reboot(), ESP_ERR_OTA_ROLLBACK_FAILED);
  }),
            StopReason::restart);
  expect_entry(0, 1, ESP_OTA_IMG_VALID);
}

TEST_F(OtaOps, RefuseToGoBackToABrokenImage) {
  board_.burn("ota_0", image_);
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_VALID));
  board_.burn("ota_0", damaged(image_, fuota::test::Damage::digest));
  board_.run([] { EXPECT_FALSE(esp_ota_check_rollback_is_possible()); });
}

// app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable.
TEST_F(OtaOps, ConfirmWithoutAWriteWhatIsConfirmed) {
  board_.run([this] {
    const std::uint64_t before = board_.chip().operation_count();
    EXPECT_EQ(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    EXPECT_EQ(board_.chip().operation_count(), before);
  });
}

// app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable; app_update/esp_ota_ops.c,
// esp_ota_get_boot_partition.
TEST_F(OtaOps, ConfirmTheActiveEntryEvenIfAnotherSlotRuns) {
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_NEW));
  board_.burn("ota_1", damaged(other_image_, fuota::test::Damage::digest));
  board_.run([] {
    EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_0");
    EXPECT_EQ(label_of(esp_ota_get_boot_partition()), "ota_1");
    EXPECT_EQ(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
  });
  expect_entry(1, 2, ESP_OTA_IMG_VALID);
}

// app_update/esp_ota_ops.c, esp_rewrite_ota_data.
TEST_F(OtaOps, BeginWithTheFirstEntryWhenNoneIsActive) {
  board_.set_entry(0, make_entry(kSeqBlank, ESP_OTA_IMG_UNDEFINED));
  board_.rollback = false;  // so that the bootloader's choice of ota_0 stays as it is
  board_.run([this] {
    board_.set_entry(0, make_entry(7, ESP_OTA_IMG_INVALID));
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK);
  });
  expect_entry(0, 2, ESP_OTA_IMG_UNDEFINED);
  EXPECT_EQ(board_.entry(1).ota_seq, kSeqBlank);
}

// bootloader/Kconfig.projbuild, BOOTLOADER_APP_ROLLBACK_ENABLE: it is the bootloader that gives a
// new image its trial; one that was built without that option boots it for ever.
TEST_F(OtaOps, LeaveAnImageNewUnderABootloaderWithoutRollback) {
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  board_.rollback = false;
  for (int boots = 0; boots < 2; ++boots) {
    board_.run([] {
      EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_1");
      esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
      EXPECT_EQ(esp_ota_get_state_partition(esp_ota_get_running_partition(), &state), ESP_OK);
      EXPECT_EQ(state, ESP_OTA_IMG_NEW);
    });
  }
}

// app_update/esp_ota_ops.c, esp_ota_set_boot_partition.
TEST_F(OtaOps, SelectNothingWhoseImageIsBroken) {
  board_.burn("ota_1", damaged(other_image_, fuota::test::Damage::payload_bit));
  const auto before = board_.otadata_bytes();
  board_.run([] {
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_ERR_OTA_VALIDATE_FAILED);
  });
  EXPECT_EQ(board_.otadata_bytes(), before);
}

TEST_F(OtaOps, SelectNothingThatIsNoApp) {
  board_.run([] {
    EXPECT_EQ(esp_ota_set_boot_partition(nullptr), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("nvs")), ESP_ERR_OTA_VALIDATE_FAILED);
  });
}

TEST_F(OtaOps, SelectWithoutATrialWithoutRollback) {
  board_.rollback = false;
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  expect_entry(1, 2, ESP_OTA_IMG_UNDEFINED);
}

// app_update/esp_ota_ops.c, esp_rewrite_ota_data: the number stays the same, so that the old entry,
// being the first, still counts.
TEST_F(OtaOps, SelectTheActiveSlotAgainInTheOtherEntry) {
  for (const IdfVersion version : {IdfVersion::v4_4, IdfVersion::v5_5}) {
    board_.idf = version;
    board_.set_entry(1, make_entry(kSeqBlank, ESP_OTA_IMG_UNDEFINED));
    board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_0")), ESP_OK); });
    expect_entry(0, 1, ESP_OTA_IMG_VALID);
    expect_entry(1, 1, ESP_OTA_IMG_NEW);
  }
}

// app_update/esp_ota_ops.c of v6.0, esp_rewrite_ota_data: the slot is on trial again.
TEST_F(OtaOps, SelectTheActiveSlotAgainInItsOwnEntryInV6) {
  board_.idf = IdfVersion::v6_0;
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_0")), ESP_OK); });
  expect_entry(0, 1, ESP_OTA_IMG_NEW);
  EXPECT_EQ(board_.entry(1).ota_seq, kSeqBlank);
}

TEST_F(OtaOps, SelectAnotherSlotInTheOtherEntryInV6Too) {
  board_.idf = IdfVersion::v6_0;
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  expect_entry(0, 1, ESP_OTA_IMG_VALID);
  expect_entry(1, 2, ESP_OTA_IMG_NEW);
}

TEST_F(OtaOps, KeepTheLabelOfTheEntryThatTheyRewrite) {
  OtadataEntry labelled_entry = make_entry(2, ESP_OTA_IMG_ABORTED);
  std::memset(labelled_entry.seq_label, 'x', sizeof labelled_entry.seq_label);
  board_.set_entry(1, labelled_entry);
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  EXPECT_EQ(board_.entry(1).seq_label[0], 'x');
}

// app_update/esp_ota_ops.c, rewrite_ota_seq.
TEST_F(OtaOps, EraseThenWriteOnlyTheInactiveEntry) {
  std::vector<Operation> operations;
  board_.run([&] {
    board_.chip().set_fault_hook([&](const Operation& operation) {
      operations.push_back(operation);
      return Fault::none;
    });
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK);
  });
  ASSERT_EQ(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, OperationKind::erase);
  EXPECT_EQ(operations[0].address, 0xE000u);
  EXPECT_EQ(operations[0].length, kSector);
  EXPECT_EQ(operations[1].kind, OperationKind::write);
  EXPECT_EQ(operations[1].address, 0xE000u);
  EXPECT_EQ(operations[1].length, 32u);
}

// app_update/esp_ota_ops.c, rewrite_ota_seq.
TEST_F(OtaOps, KeepTheOldOrTheNewChoiceWhenThePowerIsCut) {
  const std::vector<std::uint8_t> before(board_.chip().content().begin(),
                                         board_.chip().content().end());
  for (std::uint64_t at = 0; at < 2; ++at) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        board_.chip().restore(before);
        board_.chip().seed_torn_results(seed);
        const std::uint64_t cut_at = board_.chip().operation_count() + at;
        board_.chip().set_fault_hook([=](const Operation& operation) {
          return operation.index == cut_at ? fault : Fault::none;
        });
        ASSERT_EQ(board_.run([] { esp_ota_set_boot_partition(labelled("ota_1")); }),
                  StopReason::power_off);
        const bool done = at == 1 && fault == Fault::cut_after;
        const std::string booted = board_.boot_label();
        const bool torn_write = at == 1 && fault == Fault::cut_during;
        if (torn_write && booted == "ota_1") continue;  // torn behind its last bit that counts
        ASSERT_EQ(booted, done ? "ota_1" : "ota_0")
            << "operation " << at << ", fault " << static_cast<int>(fault) << ", seed " << seed;
      }
    }
  }
}

// app_update/esp_ota_ops.c, rewrite_ota_seq.
TEST_F(OtaOps, LoseTheVerdictWhenThePowerIsCutBetweenEraseAndWrite) {
  board_.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_1")), ESP_OK); });
  EXPECT_EQ(board_.run([this] {
    board_.chip().set_fault_hook([](const Operation& operation) {
      return operation.kind == OperationKind::write ? Fault::cut_before : Fault::none;
    });
    esp_ota_mark_app_valid_cancel_rollback();
  }),
            StopReason::power_off);
  board_.chip().set_fault_hook({});
  EXPECT_EQ(board_.boot_label(), "ota_0");
}

TEST_F(OtaOps, FindTheNextSlotAroundTheTable) {
  board_.run([] {
    EXPECT_EQ(label_of(esp_ota_get_next_update_partition(nullptr)), "ota_1");
    EXPECT_EQ(label_of(esp_ota_get_next_update_partition(labelled("ota_1"))), "ota_0");
    EXPECT_EQ(esp_ota_get_app_partition_count(), 2);
  });
}

TEST_F(OtaOps, TellTheStateOfSlotsOnly) {
  board_.run([] {
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    EXPECT_EQ(esp_ota_get_state_partition(labelled("ota_0"), &state), ESP_OK);
    EXPECT_EQ(state, ESP_OTA_IMG_VALID);
    EXPECT_EQ(esp_ota_get_state_partition(labelled("ota_1"), &state), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_ota_get_state_partition(labelled("nvs"), &state), ESP_ERR_NOT_SUPPORTED);
    EXPECT_EQ(esp_ota_get_state_partition(nullptr, &state), ESP_ERR_INVALID_ARG);
  });
}

// app_update/esp_ota_ops.c, esp_ota_get_state_partition.
TEST_F(OtaOps, TellTheStateOfTheFirstEntryForASlot) {
  board_.set_entry(0, make_entry(1, ESP_OTA_IMG_INVALID));
  board_.set_entry(1, make_entry(3, ESP_OTA_IMG_VALID));
  board_.run([] {
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    EXPECT_EQ(esp_ota_get_state_partition(labelled("ota_0"), &state), ESP_OK);
    EXPECT_EQ(state, ESP_OTA_IMG_INVALID);
  });
}

// app_update/esp_ota_ops.c, esp_ota_get_last_invalid_partition.
TEST_F(OtaOps, ForgetAnInvalidSlotThatIsOverwritten) {
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_ABORTED));
  board_.erase("ota_1");
  board_.run([] { EXPECT_EQ(esp_ota_get_last_invalid_partition(), nullptr); });
}

// app_update/esp_ota_ops.c, esp_ota_erase_last_boot_app_partition.
TEST_F(OtaOps, EraseTheSlotThatWasBootedLast) {
  board_.set_entry(0, make_entry(3, ESP_OTA_IMG_VALID));
  board_.set_entry(1, make_entry(2, ESP_OTA_IMG_VALID));
  board_.run([] {
    EXPECT_EQ(esp_ota_erase_last_boot_app_partition(), ESP_OK);
    EXPECT_EQ(esp_ota_erase_last_boot_app_partition(), ESP_FAIL);
    esp_app_desc_t description;
    EXPECT_EQ(esp_ota_get_partition_description(labelled("ota_1"), &description),
              ESP_ERR_NOT_FOUND);
  });
  EXPECT_EQ(board_.entry(1).ota_seq, kSeqBlank);
}

TEST_F(OtaOps, DescribeTheImageInASlot) {
  board_.run([] {
    esp_app_desc_t description;
    EXPECT_EQ(esp_ota_get_partition_description(labelled("ota_1"), &description), ESP_OK);
    EXPECT_STREQ(description.version, "0.1.2");
    EXPECT_STREQ(description.project_name, "esp32-fuota");
    EXPECT_EQ(esp_ota_get_partition_description(labelled("nvs"), &description),
              ESP_ERR_NOT_SUPPORTED);
    EXPECT_EQ(esp_ota_get_partition_description(nullptr, &description), ESP_ERR_INVALID_ARG);
  });
}

// app_update/esp_ota_ops.c, esp_ota_set_boot_partition.
TEST_F(OtaOps, SelectTheFactoryPartitionByErasingOtadata) {
  Board board(kFactoryCsv);
  board.burn("factory", small_image(1));
  board.burn("ota_0", small_image(2));
  board.set_entry(0, make_entry(1, ESP_OTA_IMG_VALID));
  board.run([] {
    EXPECT_EQ(label_of(esp_ota_get_running_partition()), "ota_0");
    EXPECT_EQ(esp_ota_set_boot_partition(labelled("factory")), ESP_OK);
    EXPECT_EQ(label_of(esp_ota_get_boot_partition()), "factory");
  });
  EXPECT_EQ(board.boot_label(), "factory");
}

TEST_F(OtaOps, CountUpAmongThreeSlots) {
  Board board(kThreeSlotsCsv);
  for (const char* slot : {"ota_0", "ota_1", "ota_2"}) board.burn(slot, small_image());
  board.set_entry(0, make_entry(5, ESP_OTA_IMG_VALID));
  board.run([] { EXPECT_EQ(esp_ota_set_boot_partition(labelled("ota_0")), ESP_OK); });
  EXPECT_EQ(board.entry(1).ota_seq, 7u);
}

}  // namespace
}  // namespace simulator::boot
