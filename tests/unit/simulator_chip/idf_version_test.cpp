// The one switch for the version of ESP-IDF, from the board to its rooms.

#include <gtest/gtest.h>

#include "esp_ota_ops.h"
#include "esp_wifi.h"
#include "tests/support/board/test_board.hpp"

namespace simulator::chip {
namespace {

using fuota::test::TestBoard;
using kernel::IdfVersion;

class EachVersion : public testing::TestWithParam<IdfVersion> {
 protected:
  static TestBoard::Options options() {
    TestBoard::Options options;
    options.board.idf = GetParam();
    return options;
  }
  TestBoard board_{options()};
};

TEST_P(EachVersion, ReachesTheWifiDriver) {
  const bool v6 = GetParam() == IdfVersion::v6_0;
  EXPECT_TRUE(board_.run_to_end([v6] {
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    EXPECT_EQ(esp_wifi_init(&config), ESP_OK);
    EXPECT_EQ(esp_wifi_init(&config), v6 ? ESP_ERR_INVALID_STATE : ESP_OK);
  }));
}

TEST_P(EachVersion, ReachesTheOtaFunctions) {
  const bool v4 = GetParam() == IdfVersion::v4_4;
  EXPECT_TRUE(board_.run_to_end([v4] {
    const esp_partition_t* nvs =
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS, nullptr);
    esp_ota_handle_t handle = 0;
    EXPECT_EQ(esp_ota_begin(nvs, OTA_WITH_SEQUENTIAL_WRITES, &handle),
              v4 ? ESP_ERR_INVALID_ARG : ESP_OK);
  }));
}

TEST_P(EachVersion, ReachesTheHttpClient) {
  ASSERT_TRUE(board_.run_until_returned([] {}));
  EXPECT_EQ(board_.board().session()->http().behaviour().read_timeout_returns_zero,
            GetParam() == IdfVersion::v4_4);
}

INSTANTIATE_TEST_SUITE_P(Versions, EachVersion,
                         testing::ValuesIn(kernel::all_idf_versions().begin(),
                                           kernel::all_idf_versions().end()),
                         [](const auto& tested) {
                           const std::string name(kernel::name_of(tested.param));
                           return "V" + name.substr(1, 1);
                         });

TEST(IdfVersions, AreFoundByTheirNames) {
  for (const IdfVersion version : kernel::all_idf_versions()) {
    EXPECT_EQ(kernel::find_idf_version(kernel::name_of(version)), version);
  }
  EXPECT_EQ(kernel::find_idf_version("v5"), std::nullopt);
}

}  // namespace
}  // namespace simulator::chip
