// Why the chip was reset, when what was reset is not the application.

#include <gtest/gtest.h>

#include "esp_partition.h"
#include "esp_system.h"
#include "tests/support/board/test_board.hpp"

namespace simulator::chip {
namespace {

using flash::Fault;
using flash::Operation;
using fuota::test::TestBoard;

/// A chip that restarts itself, and whose bootloader then has to write otadata.
class RestartWithWork : public testing::Test {
 protected:
  RestartWithWork() {
    board_.set_firmware([this] {
      reason_ = esp_reset_reason();
      if (++starts_ > 1) return;
      const esp_partition_t* otadata = esp_partition_find_first(
          ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, nullptr);
      ASSERT_EQ(esp_partition_erase_range(otadata, 0, otadata->size), ESP_OK);
      esp_restart();
    });
  }

  TestBoard board_;
  int starts_ = 0;
  esp_reset_reason_t reason_ = ESP_RST_UNKNOWN;
};

TEST_F(RestartWithWork, IsARestartBySoftware) {
  (void)board_.run(fuota::test::kSecondUs);
  EXPECT_EQ(starts_, 2);
  EXPECT_EQ(reason_, ESP_RST_SW);
}

TEST_F(RestartWithWork, IsAPowerOnWhenThePowerFailsInTheBootloader) {
  board_.flash().set_fault_hook([this](const Operation& operation) {
    const bool by_the_bootloader = starts_ == 1 && board_.board().session() == nullptr;
    return by_the_bootloader && operation.kind == flash::OperationKind::write ? Fault::cut_after
                                                                              : Fault::none;
  });
  ASSERT_EQ(board_.run(fuota::test::kSecondUs), Board::Ending::power_lost);
  board_.flash().set_fault_hook({});
  (void)board_.run(fuota::test::kSecondUs);
  EXPECT_EQ(starts_, 2);
  EXPECT_EQ(reason_, ESP_RST_POWERON);
}

}  // namespace
}  // namespace simulator::chip
