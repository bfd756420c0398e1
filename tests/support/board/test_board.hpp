#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/chip/board.hpp"
#include "simulator/chip/factory.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/net/network.hpp"
#include "simulator/radio/world.hpp"
#include "tests/support/image_builder/image_builder.hpp"

/// A board for tests of whole devices.
namespace fuota::test {

constexpr std::int64_t kMillisecondUs = 1'000;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kHourUs = 3'600 * kSecondUs;

/// The ESP-IDF whose behaviour boards show unless a test says otherwise: what the environment's
/// FUOTA_IDF_VERSION names ("v4.4"), else v5.5. Ends the process with a message for another name.
[[nodiscard]] simulator::kernel::IdfVersion idf_version_under_test();

/// A simulated board with all that it needs: flash that holds the sample application's partition
/// table and an image in ota_0, an empty radio world, an empty network (the host's is not allowed),
/// and somebody who reads its console. The power is off at first.
///
///     TestBoard board;
///     board.world().add(...);
///     EXPECT_TRUE(board.run_to_end([] { EXPECT_EQ(cwb_connect_b(...), CWB_OK); }));
class TestBoard {
 public:
  using Firmware = simulator::chip::Board::Firmware;

  struct Options {
    /// What ota_0 holds: a small image for the chip of the board. Its code doesn't run; the
    /// firmware does.
    ImageOptions image = small_image();
    std::size_t flash_bytes = std::size_t{4} << 20;
    /// `model` and `console` are set by the board: the image's chip, and `lines`.
    simulator::chip::Board::Options board = board_under_test();
  };

  /// A valid image of a few KiB, so that boards are made fast.
  static ImageOptions small_image();
  /// The defaults, for the ESP-IDF under test.
  static simulator::chip::Board::Options board_under_test();

  TestBoard();
  explicit TestBoard(Options options);
  TestBoard(const TestBoard&) = delete;
  TestBoard& operator=(const TestBoard&) = delete;

  /// What the main task runs from the next boot on, as ESP-IDF calls app_main(). None: it returns
  /// at once.
  void set_firmware(Firmware firmware) { firmware_ = std::move(firmware); }

  /// Powers on, runs `body` as the firmware until it returns, and cuts the power. False when it did
  /// not return within `duration_us` of virtual time. When the chip restarts, `body` begins again.
  [[nodiscard]] bool run_to_end(Firmware body, std::int64_t duration_us = kHourUs);
  /// The same, but leaves the power on: the session can be looked at, and `run` goes on.
  [[nodiscard]] bool run_until_returned(Firmware body, std::int64_t duration_us = kHourUs);

  /// Powers on unless on, and lets virtual time pass (Board::run).
  simulator::chip::Board::Ending run(std::int64_t duration_us) { return board_.run(duration_us); }

  /// Writes values to the NVS namespace "fuota", as a factory does. The power is off. Ends the
  /// process with a message when NVS refuses.
  void provision(const std::vector<simulator::chip::NvsValue>& values);

  /// What the console printed so far, line by line.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  /// Whether a line contains `text`.
  [[nodiscard]] bool printed(std::string_view text) const;
  /// All lines in one text, for messages of failed tests.
  [[nodiscard]] std::string transcript() const;
  void forget_lines() { lines_.clear(); }

  simulator::chip::Board& board() { return board_; }
  simulator::flash::FlashChip& flash() { return flash_; }
  simulator::radio::World& world() { return world_; }
  simulator::net::Network& network() { return network_; }
  [[nodiscard]] const simulator::flash::PartitionTable& partitions() const { return partitions_; }
  /// What the flash holds in the partition with this label, which must exist.
  [[nodiscard]] std::span<const std::uint8_t> content_of(std::string_view label) const;

 private:
  simulator::flash::PartitionTable partitions_;
  simulator::flash::FlashChip flash_;
  simulator::radio::World world_;
  simulator::net::Network network_;
  std::vector<std::string> lines_;
  Firmware firmware_;
  simulator::chip::Board board_;
};

/// The seed of a random test: the environment's FUOTA_TEST_SEED if set, so that a failure can be
/// replayed, else a new one for each run. Prints it.
[[nodiscard]] std::uint64_t random_test_seed();

}  // namespace fuota::test
