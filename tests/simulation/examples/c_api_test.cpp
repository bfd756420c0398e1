#include <gtest/gtest.h>

#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

/// The example, as its menu's defaults make it, with the access point and the server that they
/// name.
class CApiExample : public testing::Test {
 protected:
  CApiExample() : server_(board_.network()) { board_.set_firmware(&app_main); }

  void offer_update() {
    ImageOptions options = TestBoard::small_image();
    options.version = "0.1.1";
    options.seed = 2;
    server_.assign("00001", "0.1.0", "f");
    server_.upload("f", build_image(options));
  }

  /// For three minutes, in which it asks several times.
  void run() { (void)board_.run(180 * kSecondUs); }

  TestBoard board_;
  UpdateServer server_;
};

TEST_F(CApiExample, UpdatesItselfAndRestartsIntoTheNewImage) {
  board_.world().add(update_access_point());
  offer_update();
  run();
  EXPECT_TRUE(board_.printed("APP: Updated")) << board_.transcript();
  EXPECT_TRUE(board_.printed("APP: esp32-fuota 0.1.1")) << board_.transcript();
  EXPECT_EQ(board_.board().boots(), 2U);
}

TEST_F(CApiExample, ConfirmsTheNewImageByItsFirstCheck) {
  board_.world().add(update_access_point());
  offer_update();
  run();
  board_.board().power_off();
  board_.forget_lines();
  run();
  EXPECT_TRUE(board_.printed("APP: esp32-fuota 0.1.1")) << "rolled back\n" << board_.transcript();
}

TEST_F(CApiExample, AsksAgainWhereThereIsNothingForIt) {
  board_.world().add(update_access_point());
  run();
  EXPECT_TRUE(board_.printed("APP: Up to date")) << board_.transcript();
  EXPECT_GT(server_.count("GET /devices/00001?app_ver=0.1.0"), 3U);
}

TEST_F(CApiExample, WaitsForItsAccessPoint) {
  run();
  EXPECT_TRUE(board_.printed("APP: fuota_ap is not among the 0 strongest access points"))
      << board_.transcript();
}

TEST_F(CApiExample, WaitsForItsServer) {
  board_.world().add(update_access_point());
  server_.stop();
  run();
  EXPECT_TRUE(board_.printed("APP: The server was not reached")) << board_.transcript();
  EXPECT_EQ(board_.board().boots(), 1U);
}

}  // namespace
}  // namespace fuota::test
