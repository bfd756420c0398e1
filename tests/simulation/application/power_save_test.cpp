#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "esp_wifi.h"
#include "tests/simulation/application/updated_device.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;

/// What the radio's power save is set to while the server answers each request.
class PowerSaveAtRequests : public testing::Test {
 protected:
  PowerSaveAtRequests() {
    device_.server().override_with([this](const simulator::net::PeerRequest& request) {
      wifi_ps_type_t mode = WIFI_PS_NONE;
      EXPECT_EQ(device_.board().board().session()->wifi().get_ps(&mode), ESP_OK);
      modes_.push_back(mode);
      return answer_ ? answer_(request) : std::string();
    });
  }

  UpdatedDevice device_;
  UpdateServer::Override answer_;
  std::vector<wifi_ps_type_t> modes_;
};

TEST_F(PowerSaveAtRequests, IsOffForADownloadOnly) {
  (void)device_.board().run(2 * 60 * kSecondUs);
  ASSERT_GE(modes_.size(), 3U) << device_.board().transcript();
  modes_.resize(3);
  EXPECT_THAT(modes_, ElementsAre(WIFI_PS_MIN_MODEM, WIFI_PS_NONE, WIFI_PS_MIN_MODEM));
}

TEST_F(PowerSaveAtRequests, IsOnAgainAfterADownloadThatFailed) {
  answer_ = [](const simulator::net::PeerRequest& request) {
    return request.target.rfind("/files/", 0) == 0 ? http10(404, "", "") : std::string();
  };
  for (int second = 0; second < 60 && modes_.size() < 2; ++second) {
    (void)device_.board().run(kSecondUs);
  }
  ASSERT_EQ(modes_.size(), 2U);
  EXPECT_EQ(modes_[1], WIFI_PS_NONE);
  wifi_ps_type_t mode = WIFI_PS_NONE;
  if (device_.board().board().session()->wifi().get_ps(&mode) == ESP_OK) {
    EXPECT_EQ(mode, WIFI_PS_MIN_MODEM);
  }
}

}  // namespace
}  // namespace fuota::test
