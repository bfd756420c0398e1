/// NVS in a task of a running chip whose power is cut.

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "nvs.h"
#include "nvs_flash.h"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/nvs/driver.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/flash/partitions.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::flash {
namespace {

using kernel::Scheduler;
using kernel::StopReason;

constexpr std::int64_t kLong = 3600'000'000;

class NvsSession : public testing::Test {
 protected:
  /// Runs `application` as the only task of a session.
  StopReason power_on(std::function<void()> application) {
    Scheduler scheduler({});
    Partitions partitions(chip_, table_, nullptr);
    nvs::Driver driver(partitions);
    scheduler.spawn("main", 4096, 1, std::move(application));
    const StopReason reason = scheduler.run(kLong);
    duration_us_ = scheduler.now_us();
    return reason;
  }

  static void count_up() {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    ASSERT_EQ(nvs_open("space", NVS_READWRITE, &handle), ESP_OK);
    uint32_t counter = 0;
    (void)nvs_get_u32(handle, "counter", &counter);
    ASSERT_EQ(nvs_set_blob(handle, "blob", &counter, sizeof counter), ESP_OK);
    ASSERT_EQ(nvs_set_u32(handle, "counter", counter + 1), ESP_OK);
    ASSERT_EQ(nvs_commit(handle), ESP_OK);
    nvs_close(handle);
  }

  std::optional<uint32_t> counter() {
    std::optional<uint32_t> value;
    power_on([&] {
      ASSERT_EQ(nvs_flash_init(), ESP_OK);
      nvs_handle_t handle = 0;
      if (nvs_open("space", NVS_READONLY, &handle) != ESP_OK) return;
      uint32_t number = 0;
      if (nvs_get_u32(handle, "counter", &number) == ESP_OK) value = number;
    });
    return value;
  }

  FlashChip chip_{0x10000};
  PartitionTable table_ = PartitionTable::parse_csv("nvs,data,nvs,0x9000,0x4000\n").value();
  std::int64_t duration_us_ = 0;
};

TEST_F(NvsSession, ValuesLastFromSessionToSession) {
  for (uint32_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(power_on(count_up), StopReason::idle);
    EXPECT_EQ(counter(), i);
  }
}

TEST_F(NvsSession, WritingTakesTheTimeOfTheFlash) {
  power_on(count_up);
  EXPECT_GT(duration_us_, 10 * kPageProgramUs);
  EXPECT_LT(duration_us_, 40 * kPageProgramUs);
}

TEST_F(NvsSession, ACutInAnyOperationLosesAtMostWhatItWrote) {
  for (std::uint64_t session = 1, cut = 0; session < 1000; ++session) {
    const auto before = counter();
    const std::uint64_t target = chip_.operation_count() + cut % 24;
    const auto fault = static_cast<Fault>(1 + cut / 24 % 3);
    ++cut;
    chip_.set_fault_hook([&](const Operation& operation) {
      return operation.index == target ? fault : Fault::none;
    });
    const StopReason reason = power_on(count_up);
    chip_.set_fault_hook({});
    const auto after = counter();
    if (reason == StopReason::power_off) {
      EXPECT_TRUE(after == before || after == before.value_or(0) + 1) << "session " << session;
    } else {
      EXPECT_EQ(reason, StopReason::idle);
      EXPECT_EQ(after, before.value_or(0) + 1) << "session " << session;
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace simulator::flash
