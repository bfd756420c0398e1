#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

TEST(StayConnectedExample, ConnectsAgainWhenTheAccessPointComesBack) {
  TestBoard board;
  board.set_firmware(&app_main);
  const auto id = board.world().add(update_access_point());
  for (const auto& [at_s, present] : {std::pair{60, false}, std::pair{120, true}}) {
    board.world().call_at(at_s * kSecondUs, [id, present = present](auto& world) {
      world.change(id, [present](auto& access_point) { access_point.present = present; });
    });
  }
  (void)board.run(180 * kSecondUs);
  const auto connected = std::count_if(
      board.lines().begin(), board.lines().end(),
      [](const std::string& line) { return line.find("STAY: Connected") != std::string::npos; });
  EXPECT_EQ(connected, 2) << board.transcript();
  EXPECT_TRUE(board.printed("STAY: Not connected, reason 201")) << board.transcript();
}

}  // namespace
}  // namespace fuota::test
