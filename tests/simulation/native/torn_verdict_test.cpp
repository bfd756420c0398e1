// A trial whose entry in otadata the power tore while the bootloader wrote it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "esp_partition.h"
#include "nvs_flash.h"
#include "sdkconfig.h"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

/// Gives the entry that says ABORTED a state that ESP-IDF doesn't know, which the bootloader boots
/// (case 15 of tests/data/otadata_cases.tsv).
void tear_verdict() {
  constexpr std::uint32_t kAborted = 4;
  constexpr std::uint32_t kUnknown = 0xFFFFFF04;
  constexpr std::size_t kSectorBytes = 4096;
  constexpr std::size_t kStateWord = 6;
  const esp_partition_t* otadata =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, nullptr);
  ASSERT_NE(otadata, nullptr);
  int torn = 0;
  for (std::size_t sector = 0; sector < 2; ++sector) {
    std::array<std::uint32_t, 8> entry{};
    ASSERT_EQ(esp_partition_read(otadata, sector * kSectorBytes, entry.data(), sizeof entry),
              ESP_OK);
    if (entry[kStateWord] != kAborted) continue;
    entry[kStateWord] = kUnknown;
    ASSERT_EQ(esp_partition_erase_range(otadata, sector * kSectorBytes, kSectorBytes), ESP_OK);
    ASSERT_EQ(esp_partition_write(otadata, sector * kSectorBytes, entry.data(), sizeof entry),
              ESP_OK);
    ++torn;
  }
  ASSERT_EQ(torn, 1);
}

class TornVerdict : public testing::Test {
 protected:
  TornVerdict() {
    device_.offer(NativeDevice::release("0.1.1"));
    EXPECT_TRUE(device_.run_until([this] { return device_.runs("ota_1"); }, 5 * kMinuteUs))
        << device_.board().transcript();
    // Another boot, in which the bootloader ends the trial.
    device_.run_aside(&tear_verdict);
  }

  NativeDevice device_;
};

TEST_F(TornVerdict, DoesNotEndATrialForGood) {
  device_.server().stop();
  (void)device_.board().run((CONFIG_FUO_TRIAL_TIMEOUT_S + 120) * kSecondUs);
  EXPECT_TRUE(device_.runs("ota_0")) << device_.board().transcript();
}

TEST_F(TornVerdict, IsNoConfirmationBeforeTheServerAnswers) {
  device_.server().stop();
  (void)device_.board().run(2 * kMinuteUs);
  ASSERT_TRUE(device_.runs("ota_1")) << device_.board().transcript();
  device_.server().start();
  (void)device_.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device_.has_confirmed("ota_1")) << device_.board().transcript();
  EXPECT_THAT(device_.story(), testing::ElementsAre("downloading", "installed", "confirmed"));
}

}  // namespace
}  // namespace fuota::test
