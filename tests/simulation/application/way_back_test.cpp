#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <cstdint>
#include <string>
#include <vector>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tests/simulation/application/updated_device.hpp"

namespace fuota::test {
namespace {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

constexpr std::int64_t kMinuteUs = 60 * kSecondUs;

/// An image whose digest and checksum are right, so that ESP-IDF's verification takes it, and which
/// only the bootloader refuses: its first segment loads to where there is no memory
/// (bootloader_support/src/esp_image_format.c, verify_load_addresses).
FileBytes refused_by_the_bootloader(const char* version) {
  ImageOptions options = TestBoard::small_image();
  options.version = version;
  options.seed = 7;
  FileBytes image = build_image(options);
  constexpr std::size_t kImageHeaderBytes = 24;
  constexpr std::size_t kSegmentHeaderBytes = 8;
  std::size_t second = kImageHeaderBytes + kSegmentHeaderBytes;
  for (int i = 3; i >= 0; --i) {
    second += static_cast<std::size_t>(image[kImageHeaderBytes + 4 + static_cast<std::size_t>(i)])
              << (8 * i);
  }
  image[second + 3] = 0x70;  // the highest byte of the second segment's address
  SHA256(image.data(), image.size() - 32, image.data() + image.size() - 32);
  return image;
}

/// A device that runs another image than the one that otadata names: the bootloader fell back.
/// `Swapped`: the running image is the one in ota_1.
class FallenBack : public testing::TestWithParam<bool> {
 protected:
  FallenBack() {
    board_.set_firmware([this] {
      app_main();
      if (!crashes_ || device_.runs(own_)) return;
      vTaskDelay(pdMS_TO_TICKS(20'000));
      ESP_ERROR_CHECK(ESP_FAIL);
    });
    if (GetParam()) {
      own_ = "ota_1";
      version_ = "0.1.1";
      (void)board_.run(5 * kMinuteUs);
      EXPECT_TRUE(device_.runs(own_) && board_.printed("confirmed")) << board_.transcript();
    }
  }

  /// Offers an image to the running one, and gives the device time for it.
  void offer(const FileBytes& image, std::int64_t duration_us) {
    device_.server().assign("00001", version_, "g");
    device_.server().upload("g", image);
    (void)board_.run(duration_us);
  }

  static FileBytes good_image(const char* version, std::uint64_t seed) {
    ImageOptions options = TestBoard::small_image();
    options.version = version;
    options.seed = seed;
    return build_image(options);
  }

  /// Whether it stays with its image through everything that may follow.
  void expect_to_stay() {
    EXPECT_TRUE(device_.runs(own_)) << board_.transcript();
    for (int cycle = 0; cycle < 3; ++cycle) {
      (void)device_.cut_and_run(2 * kMinuteUs);
      EXPECT_TRUE(device_.runs(own_)) << board_.transcript();
    }
  }

  UpdatedDevice device_;
  TestBoard& board_ = device_.board();
  const char* own_ = "ota_0";
  const char* version_ = "0.1.0";
  bool crashes_ = false;
};

TEST_P(FallenBack, KeepsItsImageWhenTheNextUpdateCrashes) {
  offer(refused_by_the_bootloader("0.1.2"), 5 * kMinuteUs);
  ASSERT_TRUE(device_.runs(own_)) << board_.transcript();
  crashes_ = true;
  offer(good_image("0.1.3", 9), 30 * kMinuteUs);
  EXPECT_TRUE(board_.printed("panic")) << board_.transcript();
  expect_to_stay();
}

TEST_P(FallenBack, ConfirmsTheNextUpdate) {
  offer(refused_by_the_bootloader("0.1.2"), 5 * kMinuteUs);
  const std::string before = board_.transcript();
  offer(good_image("0.1.3", 9), 10 * kMinuteUs);
  const std::string after = board_.transcript().substr(before.size());
  EXPECT_NE(after.find("confirmed"), std::string::npos) << after;
  EXPECT_FALSE(device_.runs(own_));
  const std::string now = own_;
  own_ = now == "ota_0" ? "ota_1" : "ota_0";
  expect_to_stay();
}

TEST_P(FallenBack, KeepsItsImageWhenAConfirmedOneWasDamagedAndTheNextUpdateCrashes) {
  offer(good_image("0.1.2", 5), 5 * kMinuteUs);
  const std::string other = GetParam() ? "ota_0" : "ota_1";
  ASSERT_TRUE(device_.runs(other.c_str())) << board_.transcript();
  board_.board().power_off();
  const auto* slot = board_.partitions().find_label(other);
  board_.flash().program_raw(slot->offset + 0x400, std::vector<std::uint8_t>(64, 0));
  crashes_ = true;
  offer(good_image("0.1.3", 9), 30 * kMinuteUs);
  EXPECT_TRUE(board_.printed("panic")) << board_.transcript();
  expect_to_stay();
}

/// The same device, with the power cut at one operation on flash from the next update on.
class FallenBackAndCut {
 public:
  FallenBackAndCut(bool on_ota_1, std::uint64_t seed) {
    board_.set_firmware(&app_main);
    if (on_ota_1) (void)board_.run(5 * kMinuteUs);
    const char* version = on_ota_1 ? "0.1.1" : "0.1.0";
    device_.server().assign("00001", version, "g");
    device_.server().upload("g", refused_by_the_bootloader("0.1.2"));
    (void)board_.run(5 * kMinuteUs);
    ImageOptions options = TestBoard::small_image();
    options.version = "0.1.3";
    options.seed = 9;
    device_.server().upload("g", build_image(options));
    board_.flash().seed_torn_results(seed);
  }

  UpdatedDevice& device() { return device_; }
  TestBoard& board() { return board_; }

 private:
  UpdatedDevice device_;
  TestBoard& board_ = device_.board();
};

class PowerCutAfterAFallBack : public testing::TestWithParam<bool> {};

TEST_P(PowerCutAfterAFallBack, NeverKeepsTheUpdateAway) {
  const std::uint64_t seed = random_test_seed();
  const char* other = GetParam() ? "ota_0" : "ota_1";
  std::uint64_t operations = 0;
  {
    FallenBackAndCut undisturbed(GetParam(), seed);
    const std::uint64_t before = undisturbed.board().flash().operation_count();
    (void)undisturbed.board().run(5 * kMinuteUs);
    ASSERT_TRUE(undisturbed.device().runs(other)) << undisturbed.board().transcript();
    operations = undisturbed.board().flash().operation_count() - before;
  }
  // The repair of otadata: erase and write twice. Then an update as any other.
  ASSERT_GE(operations, 2 * 2 + 3 * 2 + 1 + 2 + 2 + 2);
  for (std::uint64_t number = 0; number < operations; ++number) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      SCOPED_TRACE("operation " + std::to_string(number) + ", fault " +
                   std::to_string(static_cast<int>(fault)));
      FallenBackAndCut cut(GetParam(), seed + number);
      const std::uint64_t index = cut.board().flash().operation_count() + number;
      cut.board().flash().set_fault_hook([index, fault](const Operation& operation) {
        return operation.index == index ? fault : Fault::none;
      });
      ASSERT_EQ(cut.board().run(5 * kMinuteUs), Board::Ending::power_lost);
      ASSERT_EQ(cut.board().run(10 * kMinuteUs), Board::Ending::deadline);
      ASSERT_TRUE(cut.device().runs(other)) << cut.board().transcript();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Slots, PowerCutAfterAFallBack, testing::Bool(),
                         [](const auto& row) { return row.param ? "OnOta1" : "OnOta0"; });
INSTANTIATE_TEST_SUITE_P(Slots, FallenBack, testing::Bool(),
                         [](const auto& row) { return row.param ? "OnOta1" : "OnOta0"; });

}  // namespace
}  // namespace fuota::test
