#include "tests/simulation/wifi/wifi_device.hpp"

namespace fuota::test {
namespace {

class Connect : public testing::Test {
 protected:
  WifiDevice device_;
  simulator::radio::AccessPointId access_point_ = device_.world().add(secured_access_point());
};

TEST_F(Connect, GivesAnAddress) {
  device_.run([&] {
    EXPECT_EQ(connect(), CWB_OK);
    EXPECT_TRUE(device_.has_address());
  });
}

}  // namespace
}  // namespace fuota::test
