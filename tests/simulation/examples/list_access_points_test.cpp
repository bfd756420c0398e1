#include <gtest/gtest.h>

#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

TEST(ListAccessPointsExample, ListsTheStrongestFirst) {
  TestBoard board;
  board.set_firmware(&app_main);
  simulator::radio::AccessPoint weak = update_access_point();
  weak.ssid = "weak";
  weak.rssi = -80;
  weak.channel = 1;
  simulator::radio::AccessPoint strong = update_access_point();
  strong.ssid = "strong";
  strong.rssi = -40;
  strong.channel = 11;
  board.world().add(weak);
  board.world().add(strong);
  (void)board.run(5 * kSecondUs);
  const std::string all = board.transcript();
  const std::size_t first = all.find("LIST:  -40 dBm  channel 11  strong");
  ASSERT_NE(first, std::string::npos) << all;
  EXPECT_NE(all.find("LIST:  -80 dBm  channel  1  weak", first), std::string::npos) << all;
  EXPECT_TRUE(board.printed("LIST: 2 in range")) << all;
}

}  // namespace
}  // namespace fuota::test
