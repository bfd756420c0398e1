#include "esp_system.h"

#include <array>
#include <cstring>

#include "esp_heap_caps.h"
#include "esp_idf_version.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_rom_crc.h"
#include "esp_task_wdt.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "session_test.hpp"

namespace simulator::kernel {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kTag[] = "TAG";

class EspLog : public SessionTest {};

TEST_F(EspLog, WritesLinesAsEspIdfDoes) {
  run_task([&] {
    session_.scheduler().advance(12'345'678);
    ESP_LOGE(kTag, "error %d", 1);
    ESP_LOGW(kTag, "warning");
    ESP_LOGI(kTag, "information %s", "here");
  });
  EXPECT_THAT(lines_, ElementsAre("E (12345) TAG: error 1", "W (12345) TAG: warning",
                                  "I (12345) TAG: information here"));
}

TEST_F(EspLog, LeavesOutWhatIsBelowTheLevelOfTheTag) {
  run_task([] {
    ESP_LOGD(kTag, "too fine");
    esp_log_level_set(kTag, ESP_LOG_VERBOSE);
    ESP_LOGD(kTag, "debug");
    ESP_LOGV(kTag, "verbose");
    ESP_LOGD("OTHER", "too fine");
    esp_log_level_set("*", ESP_LOG_WARN);
    ESP_LOGI(kTag, "too fine");
    EXPECT_EQ(esp_log_level_get(kTag), ESP_LOG_WARN);
    esp_log_level_set(kTag, ESP_LOG_NONE);
    ESP_LOGE(kTag, "not wanted");
  });
  EXPECT_THAT(lines_, ElementsAre("D (0) TAG: debug", "V (0) TAG: verbose"));
}

TEST_F(EspLog, GoesWhereTheApplicationWants) {
  static std::string captured;
  run_task([] {
    const vprintf_like_t before = esp_log_set_vprintf([](const char* format, va_list arguments) {
      std::array<char, 100> text;
      const int chars = std::vsnprintf(text.data(), text.size(), format, arguments);
      captured += text.data();
      return chars;
    });
    ESP_LOGI(kTag, "captured");
    esp_log_set_vprintf(before);
    ESP_LOGI(kTag, "printed");
  });
  EXPECT_EQ(captured, "I (0) TAG: captured\n");
  EXPECT_THAT(lines_, ElementsAre("I (0) TAG: printed"));
}

TEST_F(EspLog, LinesLongerThanAnyBufferStayWhole) {
  const std::string text(5000, 'x');
  run_task([&] { ESP_LOGI(kTag, "%s", text.c_str()); });
  EXPECT_THAT(lines_, ElementsAre("I (0) TAG: " + text));
}

class EspErr : public SessionTest {};

void fail_a_check() {
  ESP_ERROR_CHECK(ESP_OK);
  ESP_ERROR_CHECK(ESP_ERR_NO_MEM);
  FAIL() << "went on";
}

void fail_a_check_without_abort() {
  EXPECT_EQ(ESP_ERROR_CHECK_WITHOUT_ABORT(ESP_FAIL), ESP_FAIL);
}

TEST_F(EspErr, CodesHaveTheirNames) {
  EXPECT_STREQ(esp_err_to_name(ESP_OK), "ESP_OK");
  EXPECT_STREQ(esp_err_to_name(ESP_FAIL), "ESP_FAIL");
  EXPECT_STREQ(esp_err_to_name(ESP_ERR_INVALID_STATE), "ESP_ERR_INVALID_STATE");
  EXPECT_STREQ(esp_err_to_name(0x1102), "ESP_ERR_NVS_NOT_FOUND");
  EXPECT_STREQ(esp_err_to_name(0x1503), "ESP_ERR_OTA_VALIDATE_FAILED");
  EXPECT_STREQ(esp_err_to_name(0x7777), "UNKNOWN ERROR");
  std::array<char, 40> text;
  EXPECT_STREQ(esp_err_to_name_r(0x7777, text.data(), text.size()), "UNKNOWN ERROR 0x7777(30583)");
}

TEST_F(EspErr, AFailedCheckPanicsAndSaysWhere) {
  start("test", 5, fail_a_check);
  EXPECT_EQ(session_.run(), StopReason::panic);
  EXPECT_EQ(session_.next_reset_reason(StopReason::panic), ESP_RST_PANIC);
  EXPECT_THAT(lines_, AllOf(Contains(StartsWith("ESP_ERROR_CHECK failed: esp_err_t 0x101 "
                                                "(ESP_ERR_NO_MEM) at 0x")),
                            Contains(HasSubstr("esp_system_test.cpp\" line ")),
                            Contains("func: fail_a_check"), Contains("expression: ESP_ERR_NO_MEM"),
                            Contains("Rebooting...")));
}

TEST_F(EspErr, ACheckWithoutAbortGivesTheCode) {
  run_task(fail_a_check_without_abort);
  EXPECT_THAT(lines_, Contains(StartsWith("ESP_ERROR_CHECK_WITHOUT_ABORT failed")));
}

class EspSystem : public SessionTest {};

TEST_F(EspSystem, ARestartRunsTheHandlersLastRegisteredFirst) {
  static std::vector<int> order;
  order.clear();
  start("test", 5, [] {
    const shutdown_handler_t first = [] { order.push_back(1); };
    EXPECT_EQ(esp_register_shutdown_handler(first), ESP_OK);
    EXPECT_EQ(esp_register_shutdown_handler(first), ESP_ERR_INVALID_STATE);
    const shutdown_handler_t removed = [] { order.push_back(2); };
    EXPECT_EQ(esp_register_shutdown_handler(removed), ESP_OK);
    EXPECT_EQ(esp_register_shutdown_handler([] { order.push_back(3); }), ESP_OK);
    EXPECT_EQ(esp_unregister_shutdown_handler(removed), ESP_OK);
    EXPECT_EQ(esp_unregister_shutdown_handler(removed), ESP_ERR_INVALID_STATE);
    esp_restart();
  });
  EXPECT_EQ(session_.run(), StopReason::restart);
  EXPECT_EQ(session_.next_reset_reason(StopReason::restart), ESP_RST_SW);
  EXPECT_THAT(order, ElementsAre(3, 1));
}

TEST_F(EspSystem, AfterARestartNothingRuns) {
  bool other_ran = false;
  start("other", 1, [&] {
    vTaskDelay(1);
    other_ran = true;
  });
  start("test", 5, [] { esp_restart(); });
  session_.run();
  EXPECT_FALSE(other_ran);
}

TEST_F(EspSystem, TellsItsVersion) {
  EXPECT_STREQ(esp_get_idf_version(), "v5.5.5");
}

TEST_F(EspSystem, TellsWhatTheHeapHasLeft) {
  run_task([] {
    const std::uint32_t before = esp_get_free_heap_size();
    QueueHandle_t queue = xQueueCreate(100, 100);
    EXPECT_LE(esp_get_free_heap_size(), before - 10'000);
    vQueueDelete(queue);
    EXPECT_EQ(esp_get_free_heap_size(), before);
    EXPECT_LE(esp_get_minimum_free_heap_size(), before - 10'000);
    EXPECT_EQ(heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT), before);
    EXPECT_EQ(heap_caps_get_free_size(MALLOC_CAP_SPIRAM), 0U);
  });
}

TEST_F(EspSystem, AScatteredHeapHasNoLargeBlock) {
  Heap& heap = session_.scheduler().heap();
  run_task([&] {
    const std::uint32_t before = esp_get_free_heap_size();
    heap.limit_block(5'000);
    EXPECT_EQ(heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT), 5'000U);
    EXPECT_EQ(heap_caps_get_largest_free_block(MALLOC_CAP_SPIRAM), 0U);
    EXPECT_EQ(esp_get_free_heap_size(), before);
    EXPECT_EQ(xQueueCreate(100, 100), nullptr);
    QueueHandle_t small = xQueueCreate(10, 100);
    EXPECT_NE(small, nullptr);
    vQueueDelete(small);
    heap.limit_block(SIZE_MAX);
    QueueHandle_t large = xQueueCreate(100, 100);
    EXPECT_NE(large, nullptr);
    vQueueDelete(large);
  });
}

TEST_F(EspSystem, ALargestBlockIsNeverLargerThanWhatIsFree) {
  Heap& heap = session_.scheduler().heap();
  run_task([&] {
    heap.limit_block(5'000);
    const std::size_t taken = heap.free_bytes() - 1'000;
    ASSERT_TRUE(heap.take(taken, HeapPieces::many));
    EXPECT_EQ(heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT), 1'000U);
    heap.give_back(taken);
  });
}

TEST(EspSystemOptions, TheSessionKnowsItsResetReasonAndAddresses) {
  Session::Options options;
  options.base_mac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x50};
  options.reset_reason = ESP_RST_BROWNOUT;
  const Session session(options);
  EXPECT_EQ(esp_reset_reason(), ESP_RST_BROWNOUT);
  MacAddress mac{};
  EXPECT_EQ(esp_read_mac(mac.data(), ESP_MAC_WIFI_STA), ESP_OK);
  EXPECT_EQ(mac, options.base_mac);
  EXPECT_EQ(esp_read_mac(mac.data(), ESP_MAC_BT), ESP_OK);
  EXPECT_EQ(mac.back(), 0x52);
  EXPECT_EQ(esp_efuse_mac_get_default(mac.data()), ESP_OK);
  EXPECT_EQ(mac, options.base_mac);
  EXPECT_EQ(esp_read_mac(nullptr, ESP_MAC_WIFI_STA), ESP_ERR_INVALID_ARG);
}

std::array<std::uint32_t, 8> draw(std::uint64_t seed) {
  Session::Options options;
  options.seed = seed;
  const Session session(options);
  std::array<std::uint32_t, 8> numbers{};
  esp_fill_random(numbers.data(), sizeof numbers - 1);
  numbers.back() = esp_random();
  return numbers;
}

TEST(EspRandom, RepeatsForASeedAndDiffersForAnother) {
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(EspRomCrc, IsThatOfTheRom) {
  // Reference values of otadata entries, whose checksum covers the sequence number alone.
  const std::array<std::uint32_t, 6> sequences = {1, 2, 3, 4, 5, 0xFFFFFFFE};
  const std::array<std::uint32_t, 6> expected = {0x4743989A, 0x55F63774, 0xED4A5011,
                                                 0x709D68A8, 0xC8210FCD, 0x99F8B879};
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    std::uint8_t bytes[4];
    std::memcpy(bytes, &sequences[i], sizeof bytes);
    EXPECT_EQ(esp_rom_crc32_le(UINT32_MAX, bytes, sizeof bytes), expected[i]);
  }
}

TEST(EspRomCrc, GoesOnWhereItWas) {
  const auto* text = reinterpret_cast<const std::uint8_t*>("123456789");
  EXPECT_EQ(esp_rom_crc32_le(0, text, 9), 0xCBF43926U);
  EXPECT_EQ(esp_rom_crc32_le(esp_rom_crc32_le(0, text, 4), text + 4, 5), 0xCBF43926U);
}

class TaskWatchdogTest : public SessionTest {};

TEST_F(TaskWatchdogTest, ATaskThatHangsPanics) {
  start("hangs", 5, [] {
    EXPECT_EQ(esp_task_wdt_add(nullptr), ESP_OK);
    vTaskDelay(portMAX_DELAY);
  });
  EXPECT_EQ(session_.run(), StopReason::panic);
  EXPECT_EQ(session_.next_reset_reason(StopReason::panic), ESP_RST_TASK_WDT);
  EXPECT_EQ(now_us() / 1000, 5000);
  EXPECT_THAT(lines_,
              AllOf(Contains(StartsWith("E (5000) task_wdt: ")), Contains(HasSubstr(" - hangs"))));
}

TEST_F(TaskWatchdogTest, ATaskThatComputesWithoutEndPanics) {
  start("computes", 5, [&] {
    esp_task_wdt_add(nullptr);
    session_.scheduler().advance(60'000'000);
    FAIL() << "went on";
  });
  EXPECT_EQ(session_.run(), StopReason::panic);
  EXPECT_EQ(now_us() / 1000, 5000);
}

TEST_F(TaskWatchdogTest, ATaskThatResetsItLives) {
  run_task([] {
    esp_task_wdt_add(nullptr);
    for (int i = 0; i < 10; ++i) {
      vTaskDelay(pdMS_TO_TICKS(4900));
      EXPECT_EQ(esp_task_wdt_reset(), ESP_OK);
    }
    EXPECT_EQ(esp_task_wdt_delete(nullptr), ESP_OK);
    vTaskDelay(pdMS_TO_TICKS(60'000));
  });
}

TEST_F(TaskWatchdogTest, OneTaskDoesNotFeedItForAnother) {
  start("hangs", 5, [] {
    esp_task_wdt_add(nullptr);
    vTaskDelay(portMAX_DELAY);
  });
  start("feeds", 5, [] {
    esp_task_wdt_add(nullptr);
    while (true) {
      vTaskDelay(10);
      esp_task_wdt_reset();
    }
  });
  EXPECT_EQ(session_.run(), StopReason::panic);
  EXPECT_THAT(lines_, Contains(HasSubstr(" - hangs")));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr(" - feeds"))));
}

TEST_F(TaskWatchdogTest, KnowsWhoIsSubscribed) {
  run_task([] {
    EXPECT_EQ(esp_task_wdt_status(nullptr), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_task_wdt_reset(), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_task_wdt_delete(nullptr), ESP_ERR_NOT_FOUND);
    EXPECT_EQ(esp_task_wdt_add(nullptr), ESP_OK);
    EXPECT_EQ(esp_task_wdt_add(nullptr), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_task_wdt_status(nullptr), ESP_OK);
    EXPECT_EQ(esp_task_wdt_delete(nullptr), ESP_OK);
  });
}

}  // namespace
}  // namespace simulator::kernel
