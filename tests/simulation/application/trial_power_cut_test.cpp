#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "nvs.h"
#include "nvs_flash.h"
#include "tests/simulation/application/updated_device.hpp"

namespace fuota::test {
namespace {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

constexpr std::int64_t kRecoveryUs = 6 * 60 * kSecondUs;

/// A device whose trial was just cut by a power loss; the server is in reach again.
class CutTrial {
 public:
  explicit CutTrial(std::uint64_t seed) {
    begun_ = device_.update_to_trial();
    device_.server().start();
    device_.board().board().power_off();
    device_.board().flash().seed_torn_results(seed);
  }

  void cut_at(std::uint64_t number, Fault fault) {
    auto& flash = device_.board().flash();
    const std::uint64_t index = flash.operation_count() + number;
    flash.set_fault_hook([index, fault](const Operation& operation) {
      return operation.index == index ? fault : Fault::none;
    });
  }

  [[nodiscard]] bool begun() const { return begun_; }
  UpdatedDevice& device() { return device_; }
  TestBoard& board() { return device_.board(); }

 private:
  UpdatedDevice device_;
  bool begun_ = false;
};

std::uint64_t operations_of_a_repeated_trial() {
  CutTrial trial(1);
  EXPECT_TRUE(trial.begun());
  const std::uint64_t before = trial.board().flash().operation_count();
  EXPECT_EQ(trial.board().run(kRecoveryUs), Board::Ending::deadline);
  EXPECT_TRUE(trial.board().printed("confirmed")) << trial.board().transcript();
  EXPECT_EQ(trial.device().server().count("GET /files/"), 1U);
  return trial.board().flash().operation_count() - before;
}

bool has_note(TestBoard& board) {
  bool found = true;
  EXPECT_TRUE(board.run_to_end([&found] {
    EXPECT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    EXPECT_EQ(nvs_open("fuota_b", NVS_READONLY, &handle), ESP_OK);
    std::size_t bytes = 0;
    found = nvs_get_blob(handle, "trial", nullptr, &bytes) == ESP_OK;
  }));
  return found;
}

TEST(PowerCutInARepeatedTrial, LeavesTheOldOrTheNewImageAndTheUpdateIsCompleted) {
  const std::uint64_t seed = random_test_seed();
  const std::uint64_t operations = operations_of_a_repeated_trial();
  // Erase and write of otadata four times: the bootloader's fall-back, the switch, the bootloader's
  // start of the trial, the confirmation. The note: changed, and erased.
  ASSERT_GE(operations, 4 * 2 + 2);
  unsigned cuts = 0;
  for (std::uint64_t number = 0; number < operations; ++number) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      SCOPED_TRACE("operation " + std::to_string(number) + ", fault " +
                   std::to_string(static_cast<int>(fault)));
      CutTrial trial(seed + number);
      trial.cut_at(number, fault);
      ASSERT_EQ(trial.board().run(kRecoveryUs), Board::Ending::power_lost);
      ++cuts;
      ASSERT_EQ(trial.board().run(kRecoveryUs), Board::Ending::deadline)
          << trial.board().transcript();
      EXPECT_TRUE(trial.device().runs("ota_1")) << trial.board().transcript();
      // It is confirmed, and the note about the trial is gone.
      EXPECT_EQ(trial.device().cut_and_run(kSecondUs), Board::Ending::deadline);
      EXPECT_TRUE(trial.device().runs("ota_1")) << trial.board().transcript();
      EXPECT_FALSE(has_note(trial.board())) << trial.board().transcript();
    }
  }
  RecordProperty("cuts", std::to_string(cuts));
}

}  // namespace
}  // namespace fuota::test
