#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

constexpr std::int64_t kUpdateUs = 3 * 60 * kSecondUs;

/// A board with the sample application on 0.1.0, and a server that offers 0.1.1.
class Life {
 public:
  explicit Life(std::uint64_t seed) : server_(board_.network()) {
    board_.world().add(update_access_point());
    board_.set_firmware(&app_main);
    board_.provision(
        {{"device_id", std::string("00001")}, {"server_cert", std::string(kCertificate)}});
    ImageOptions update = TestBoard::small_image();
    update.version = "0.1.1";
    update.seed = 2;
    update.size_bytes = 12'288;
    server_.assign("00001", "0.1.0", "f");
    server_.upload("f", build_image(update));
    board_.flash().seed_torn_results(seed);
  }

  /// Lets the power fail at the operation with this number, counted from here.
  void cut_at(std::uint64_t number, Fault fault) {
    const std::uint64_t index = board_.flash().operation_count() + number;
    board_.flash().set_fault_hook([index, fault](const Operation& operation) {
      return operation.index == index ? fault : Fault::none;
    });
  }

  Board::Ending run() { return board_.run(kUpdateUs); }

  [[nodiscard]] bool runs_new_image() {
    const auto& boot = board_.board().last_boot();
    return boot->partition && boot->partition->label == "ota_1";
  }

  TestBoard& board() { return board_; }

 private:
  TestBoard board_;
  UpdateServer server_;
};

std::uint64_t operations_of_an_update() {
  Life life(1);
  const std::uint64_t before = life.board().flash().operation_count();
  EXPECT_EQ(life.run(), Board::Ending::deadline);
  EXPECT_TRUE(life.runs_new_image()) << life.board().transcript();
  EXPECT_TRUE(life.board().printed("confirmed"));
  return life.board().flash().operation_count() - before;
}

TEST(PowerCut, AtAnyOperationOfAnUpdateLeavesTheOldOrTheNewImageAndTheUpdateIsCompleted) {
  const std::uint64_t seed = random_test_seed();
  const std::uint64_t operations = operations_of_an_update();
  // An image of three sectors: erase and write each, what was kept back, otadata by the
  // application, by the bootloader, and at the confirmation.
  ASSERT_GE(operations, 3 * 2 + 1 + 2 + 2 + 2);
  unsigned cuts = 0;
  for (std::uint64_t number = 0; number < operations; ++number) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      SCOPED_TRACE("operation " + std::to_string(number) + ", fault " +
                   std::to_string(static_cast<int>(fault)));
      Life life(seed + number);
      life.cut_at(number, fault);
      ASSERT_EQ(life.run(), Board::Ending::power_lost);
      ++cuts;
      // The power comes back, and the device is left alone.
      life.board().forget_lines();
      ASSERT_EQ(life.board().run(kSecondUs), Board::Ending::deadline) << life.board().transcript();
      EXPECT_TRUE(life.board().printed("===== esp32-fuota 0.1.0 =====") ||
                  life.board().printed("===== esp32-fuota 0.1.1 ====="))
          << life.board().transcript();
      ASSERT_EQ(life.run(), Board::Ending::deadline) << life.board().transcript();
      EXPECT_TRUE(life.runs_new_image()) << life.board().transcript();
    }
  }
  RecordProperty("cuts", std::to_string(cuts));
}

}  // namespace
}  // namespace fuota::test
